/// The size of the pictures of a media file: the published utilities bring them to a size before the
/// processor sees them, and share a budget of pixels out over all frames of a video. They count in
/// pieces of 28 pixels unless told otherwise, for models with larger patches too; the processor then
/// makes whole patches of them.
public struct MediaFrameResizing: Sendable {
  private let factor = 28
  private var piece: Double { Double(factor * factor) }

  public init() {}

  /// Nil for frames more than 200 times as long as wide.
  public func size(height: Int, width: Int, frames: Int) -> (height: Int, width: Int)? {
    let least = 128 * piece
    let share = 128_000 * piece * 0.9 / Double(max(1, frames)) * 2
    let most = max(min(768 * piece, share), (least * 1.05).rounded(.down))
    return utilityResize(height: height, width: width, factor: factor, least: least, most: most)
  }

  /// The size of a still picture. Nil for those more than 200 times as long as wide.
  public func imageSize(height: Int, width: Int) -> (height: Int, width: Int)? {
    utilityResize(
      height: height, width: width, factor: factor, least: 4 * piece, most: 16_384 * piece)
  }
}
