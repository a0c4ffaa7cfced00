/// The size of the frames and pictures of a media file: the published utilities (`qwen_omni_utils`)
/// share a budget of pixels out over all frames before the processor sees them. They count in pieces
/// of 28 pixels unless told otherwise, for models with larger patches too; the processor then makes
/// whole patches of them.
public struct MediaFrameResizing: Sendable {
  private let factor = 28
  /// Bounds on the area of one frame and on that of all, in pixels; nil is the published default.
  private let leastPixels, mostPixels, totalPixels: Int?

  public init(leastPixels: Int? = nil, mostPixels: Int? = nil, totalPixels: Int? = nil) {
    self.leastPixels = leastPixels
    self.mostPixels = mostPixels
    self.totalPixels = totalPixels
  }

  /// What one frame of `frames` may have. `isCapped`: less than `mostPixels` asks for. `isLowered`:
  /// the published lower bound had to give way to `mostPixels`, where the utilities refuse.
  public struct Bounds: Sendable, Equatable {
    public let least: Int
    public let most: Double
    public let isCapped, isLowered: Bool
  }

  public func bounds(frames: Int) -> Bounds {
    let published = PreprocessorConfiguration.videoPixels(factor: factor)
    let least = leastPixels ?? published.least
    let total = totalPixels.map(Double.init) ?? 0.9 * 128_000 * Double(factor * factor)
    let share = total / Double(max(1, frames)) * 2
    let limit = max(min(Double(published.most), share), (Double(least) * 1.05).rounded(.down))
    let most = min(mostPixels.map(Double.init) ?? limit, limit)
    return Bounds(
      least: min(least, Int(most)), most: most,
      isCapped: mostPixels.map { Double($0) > limit } ?? false, isLowered: Double(least) > most)
  }

  /// Nil for frames more than 200 times as long as wide.
  public func size(height: Int, width: Int, frames: Int) -> (height: Int, width: Int)? {
    let bounds = bounds(frames: frames)
    return utilityResize(
      height: height, width: width, factor: factor, least: Double(bounds.least),
      most: bounds.most)
  }

  /// The size of a still picture: 4 to 16 384 pieces unless told otherwise. Nil for those more than
  /// 200 times as long as wide.
  public func imageSize(height: Int, width: Int) -> (height: Int, width: Int)? {
    let most = mostPixels ?? max(16_384 * factor * factor, leastPixels ?? 0)
    let least = min(leastPixels ?? 4 * factor * factor, most)
    return utilityResize(
      height: height, width: width, factor: factor, least: Double(least), most: Double(most))
  }
}
