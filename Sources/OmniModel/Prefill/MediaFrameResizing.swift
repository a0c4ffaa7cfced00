/// Frame sizes of media files: the published utilities (`qwen_omni_utils`) distribute a pixel
/// budget over all frames before the processor. They use multiples of 28 pixels by default, also
/// for models with larger patches; the processor then resizes to whole patches. For some families
/// published code passes them the size of a token.
public struct MediaFrameResizing: Sendable {
  /// Pixels of a side of a piece.
  public let unit: Int
  /// Bounds on the area of one frame and of all frames, in pixels; nil: the published default.
  private let leastPixels, mostPixels, totalPixels: Int?

  public init(
    unit: Int = 28, leastPixels: Int? = nil, mostPixels: Int? = nil, totalPixels: Int? = nil
  ) {
    self.unit = unit
    self.leastPixels = leastPixels
    self.mostPixels = mostPixels
    self.totalPixels = totalPixels
  }

  /// Bounds of one frame of `frames`. `isCapped`: below `mostPixels`. `isLowered`: the published
  /// lower bound was lowered to `mostPixels`, where the utilities refuse.
  public struct Bounds: Sendable, Equatable {
    public let least: Int
    public let most: Double
    public let isCapped, isLowered: Bool
  }

  public func bounds(frames: Int) -> Bounds {
    let published = PreprocessorConfiguration.videoPixels(factor: unit)
    let least = leastPixels ?? published.least
    let total = totalPixels.map(Double.init) ?? 0.9 * 128_000 * Double(unit * unit)
    let share = total / Double(max(1, frames)) * 2
    let limit = max(min(Double(published.most), share), (Double(least) * 1.05).rounded(.down))
    let most = min(mostPixels.map(Double.init) ?? limit, limit)
    return Bounds(
      least: min(least, Int(most)), most: most,
      isCapped: mostPixels.map { Double($0) > limit } ?? false, isLowered: Double(least) > most)
  }

  /// Nil for an aspect ratio above 200.
  public func size(height: Int, width: Int, frames: Int) -> (height: Int, width: Int)? {
    let bounds = bounds(frames: frames)
    return utilityResize(
      height: height, width: width, factor: unit, least: Double(bounds.least),
      most: bounds.most)
  }

  /// The size of a still picture: by default an area of 4 to 16 384 tokens. Nil for an aspect ratio
  /// above 200.
  public func imageSize(height: Int, width: Int) -> (height: Int, width: Int)? {
    let most = mostPixels ?? max(16_384 * unit * unit, leastPixels ?? 0)
    let least = min(leastPixels ?? 4 * unit * unit, most)
    return utilityResize(
      height: height, width: width, factor: unit, least: Double(least), most: Double(most))
  }
}
