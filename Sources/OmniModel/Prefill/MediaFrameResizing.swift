/// The size of the frames of a media file: the published utilities share a budget of pixels out
/// over all frames before the processor sees them. They count in pieces of 28 pixels unless told
/// otherwise, for models with larger patches too; the processor then makes whole patches of them.
public struct MediaFrameResizing: Sendable {
  private let factor = 28

  public init() {}

  /// Nil for frames more than 200 times as long as wide.
  public func size(height: Int, width: Int, frames: Int) -> (height: Int, width: Int)? {
    let each = PreprocessorConfiguration.videoPixels(factor: factor)
    let total = 0.9 * 128_000 * Double(factor * factor)
    let share = total / Double(max(1, frames)) * 2
    let most = max(min(Double(each.most), share), (Double(each.least) * 1.05).rounded(.down))
    return smartResize(
      height: height, width: width, factor: factor,
      bounds: PixelBounds(least: each.least, most: Int(most)))
  }
}
