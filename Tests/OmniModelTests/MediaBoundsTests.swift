import Testing

@testable import OmniModel

/// Sizes of frames and pictures, against `smart_resize` and `fetch_video` of qwen_omni_utils 0.0.9.
struct MediaBoundsTests {
  // height, width, frames, min_pixels, max_pixels, total_pixels → height, width
  private static let frames: [(Int, Int, Int, Int?, Int?, Int?, Int, Int)] = [
    (480, 48, 2, nil, 900000, nil, 1008, 112),
    (98, 500, 2, nil, 250001, 500000, 168, 728),
    (30, 120, 64, 784, nil, 19_267_584, 28, 112),
    (56, 500, 2, 100352, nil, nil, 112, 952),
    (16, 64, 2, 3136, nil, 90_316_800, 28, 112),
    (16, 30, 2, nil, nil, nil, 252, 448),
    (56, 320, 128, nil, nil, 1_000_001, 140, 784),
    (1080, 500, 10, nil, nil, nil, 1092, 504),
    (56, 1920, 2, 50000, nil, nil, 56, 1932),
    (202, 48, 768, nil, nil, 90_316_800, 672, 168),
    (16, 48, 2, 100352, 250001, 1_000_001, 196, 560),
    (180, 30, 64, nil, nil, nil, 784, 140),
    (334, 64, 128, nil, nil, 500000, 728, 140),
    (180, 30, 10, nil, 602112, 1_000_001, 784, 140),
    (56, 120, 768, nil, 110000, 500000, 224, 476),
    (720, 48, 768, nil, 110000, 90_316_800, 1232, 84),
    (202, 30, 2, nil, nil, nil, 840, 140),
    (30, 320, 64, nil, 112896, nil, 112, 1036),
    (180, 64, 4, nil, 900000, nil, 532, 196),
    (30, 64, 2, nil, nil, nil, 224, 476),
    (334, 48, 600, 50000, nil, 19_267_584, 616, 112),
    (334, 120, 10, 784, nil, 500000, 336, 112),
    (480, 1280, 64, nil, nil, 1_000_001, 196, 504),
    (98, 1280, 4, 784, 112896, 500000, 84, 1204),
    (480, 64, 768, nil, 250001, nil, 868, 140),
    (98, 500, 600, 3136, nil, nil, 112, 504),
    (1080, 64, 2, nil, nil, 1_000_001, 1316, 84),
    (334, 202, 2, 50000, nil, 19_267_584, 336, 196),
    (98, 120, 2, nil, 900000, 19_267_584, 308, 364),
    (30, 120, 2, 50000, nil, 19_267_584, 112, 448),
    (334, 1280, 4, nil, nil, 19_267_584, 336, 1288),
    (98, 1920, 768, 3136, nil, nil, 112, 1932),
    (30, 1920, 4, nil, 112896, nil, 56, 2548),
    (720, 1920, 4, 3136, nil, nil, 448, 1260),
    (1080, 640, 128, 3136, 151200, 1_000_001, 140, 84),
    (202, 1280, 768, 700000, nil, nil, 336, 2128),
  ]

  @Test func `resized frames have the size computed by qwen_omni_utils`() throws {
    for (height, width, frames, least, most, total, h, w) in Self.frames {
      let resizing = MediaFrameResizing(leastPixels: least, mostPixels: most, totalPixels: total)
      let size = try #require(resizing.size(height: height, width: width, frames: frames))
      #expect(size == (h, w), "\(height)×\(width), \(frames) frames")
    }
  }

  // height, width, min_pixels, max_pixels → height, width
  private static let pictures: [(Int, Int, Int?, Int?, Int, Int)] = [
    (300, 300, nil, nil, 308, 308),
    (46, 46, nil, nil, 56, 56),
    (20, 900, nil, nil, 28, 896),
    (1080, 1920, nil, 151200, 280, 504),
    (30, 40, 50000, nil, 196, 280),
    (2000, 3000, nil, nil, 1988, 2996),
    (500, 333, 100000, 120000, 420, 280),
  ]

  @Test func `resized pictures have the size computed by qwen_omni_utils`() throws {
    for (height, width, least, most, h, w) in Self.pictures {
      let resizing = MediaFrameResizing(leastPixels: least, mostPixels: most)
      let size = try #require(resizing.imageSize(height: height, width: width))
      #expect(size == (h, w), "\(height)×\(width)")
    }
  }

  @Test func `reduced pixel limits give a notice`() {
    let large = MediaFrameResizing(mostPixels: 900_000).bounds(frames: 4)
    #expect(large.isCapped && !large.isLowered && large.most == 602_112)
    let small = MediaFrameResizing(mostPixels: 50_176).bounds(frames: 4)
    #expect(!small.isCapped && small.isLowered && small.least == 50_176)
    let published = MediaFrameResizing().bounds(frames: 4)
    #expect(!published.isCapped && !published.isLowered && published.least == 100_352)
  }
}
