import OmniModel
import Testing

/// Sizes that `smart_resize` of qwen_omni_utils 0.0.9 gives with the bounds of its readers.
struct MediaFrameResizingTests {
  /// Height, width, resized height, resized width.
  @Test(
    arguments: [
      [300, 300, 308, 308], [46, 46, 56, 56], [96, 160, 84, 168], [1, 1, 56, 56],
      [200, 13, 196, 28], [1, 200, 28, 196], [10, 2000, 28, 1988], [14, 14, 56, 56],
      [42, 42, 56, 56], [70, 98, 56, 112], [3000, 77, 2996, 84], [4000, 3000, 4004, 2996],
      [6000, 4000, 4368, 2912], [5, 900, 28, 896], [37, 1000, 28, 1008], [2, 3, 56, 84],
      [27, 5400, 28, 5404], [1, 7, 28, 168],
    ])
  func `pictures are resized to the published size`(_ row: [Int]) throws {
    let size = try #require(MediaFrameResizing().imageSize(height: row[0], width: row[1]))
    #expect([size.height, size.width] == Array(row[2...]))
  }

  /// Height, width, frames, resized height, resized width.
  @Test(
    arguments: [
      [90, 160, 6, 252, 448], [720, 1280, 238, 560, 1008], [1080, 1920, 768, 336, 644],
      [1080, 1920, 302, 560, 1008], [1080, 1920, 350, 532, 952], [2, 2, 4, 336, 336],
      [400, 32, 6, 1120, 112], [10, 2000, 8, 28, 4480], [480, 640, 500, 476, 644],
      [333, 777, 611, 336, 784], [54, 10800, 4, 28, 10948], [2160, 3840, 700, 364, 672],
      [31, 29, 12, 336, 308],
    ])
  func `video frames are resized to the published size`(_ row: [Int]) throws {
    let size = try #require(
      MediaFrameResizing().size(height: row[0], width: row[1], frames: row[2]))
    #expect([size.height, size.width] == Array(row[3...]))
  }

  @Test func `a picture with an aspect ratio above 200 is refused`() {
    #expect(MediaFrameResizing().imageSize(height: 1, width: 201) == nil)
    #expect(MediaFrameResizing().size(height: 201, width: 1, frames: 4) == nil)
  }
}
