/// Computes the size of video frames and images as `qwen_omni_utils` does when it reads media
/// files.
///
/// It distributes a pixel budget over all frames, and rounds sides to multiples of 28 pixels, also
/// for models with larger patches; the processor then resizes to whole patches. For some model
/// families, published code passes the pixels of a token's side instead of 28.
public struct MediaFrameResizing: Sendable {
  /// Sides of a resized frame are multiples of this number of pixels.
  public let unit: Int
  /// Pixel bounds of one frame and of all frames together; nil for the published default.
  private let leastPixels, mostPixels, totalPixels: Int?

  public init(
    unit: Int = 28, leastPixels: Int? = nil, mostPixels: Int? = nil, totalPixels: Int? = nil
  ) {
    self.unit = unit
    self.leastPixels = leastPixels
    self.mostPixels = mostPixels
    self.totalPixels = totalPixels
  }

  /// Pixel bounds of one of `frames` frames. `isCapped`: the total budget lowers the maximum below
  /// `mostPixels`. `isLowered`: the minimum was above the maximum and was lowered to it;
  /// `qwen_omni_utils` raises an error in this case.
  public struct Bounds: Sendable, Equatable {
    public let least: Int
    public let most: Double
    public let isCapped, isLowered: Bool
  }

  /// Published minimum and maximum number of pixels of one frame.
  public static func publishedBounds(unit: Int) -> PixelBounds {
    PreprocessorConfiguration.videoPixels(factor: unit)
  }

  /// Published maximum number of pixels of all frames together, of which every second one counts:
  /// 90 % of 128 000 tokens.
  public static func publishedTotal(unit: Int) -> Int { 115_200 * unit * unit }

  public func bounds(frames: Int) -> Bounds {
    let published = PreprocessorConfiguration.videoPixels(factor: unit)
    let least = leastPixels ?? published.least
    let total = Double(totalPixels ?? Self.publishedTotal(unit: unit))
    let share = total / Double(max(1, frames)) * 2
    let limit = max(min(Double(published.most), share), (Double(least) * 1.05).rounded(.down))
    let most = min(mostPixels.map(Double.init) ?? limit, limit)
    return Bounds(
      least: min(least, Int(most)), most: most,
      isCapped: mostPixels.map { Double($0) > limit } ?? false, isLowered: Double(least) > most)
  }

  /// The resized size of a video frame; nil for an aspect ratio above 200.
  public func size(height: Int, width: Int, frames: Int) -> (height: Int, width: Int)? {
    let bounds = bounds(frames: frames)
    return utilityResize(
      height: height, width: width, factor: unit, least: Double(bounds.least),
      most: bounds.most)
  }

  /// The resized size of a still image, by default of 4 to 16 384 tokens; nil for an aspect ratio
  /// above 200.
  public func imageSize(height: Int, width: Int) -> (height: Int, width: Int)? {
    let most = mostPixels ?? max(16_384 * unit * unit, leastPixels ?? 0)
    let least = min(leastPixels ?? 4 * unit * unit, most)
    return utilityResize(
      height: height, width: width, factor: unit, least: Double(least), most: Double(most))
  }
}
