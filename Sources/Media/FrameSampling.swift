/// Which frames of a video are fed to the model: the published Qwen-Omni rule.
///
/// Two frames a second, at least 4 and at most 768 of them, an even number, evenly spread from the
/// first frame to the last. A 6-second clip of 150 frames at 25 fps gives 12 of them, at 2 fps.
public struct FrameSampling: Sendable, Equatable {
  public var framesPerSecond = 2.0
  public var minimumFrames = 4
  public var maximumFrames = 768

  public init() {}

  /// The frames to take from one video.
  public struct Plan: Sendable, Equatable {
    /// Ascending indices into the video's frames, from 0.
    public let indices: [Int]
    /// How many of these frames stand for one second.
    public let framesPerSecond: Double
    /// Whether `maximumFrames` made the rate lower than asked.
    public let isCapped: Bool
  }

  /// - Parameters:
  ///   - totalFrames: at least 1; a single frame, which the published code refuses, is taken alone
  ///   - sourceRate: frames per second of the video, finite and above 0
  public func plan(totalFrames: Int, sourceRate: Double) -> Plan {
    precondition(totalFrames > 0 && sourceRate > 0 && sourceRate.isFinite)
    let wanted = Double(totalFrames) / sourceRate * framesPerSecond
    let ceiling = min(maximumFrames, totalFrames) / 2 * 2
    let floor = Double((minimumFrames + 1) / 2 * 2)
    let count = max(Int(min(max(wanted, floor), Double(ceiling))) / 2 * 2, 1)
    return Plan(
      indices: Self.evenlySpaced(count, through: totalFrames - 1),
      framesPerSecond: Double(count) / Double(totalFrames) * sourceRate,
      isCapped: wanted > Double(maximumFrames))
  }

  /// Single precision and from both ends, as the published code's arithmetic has it; ties to even.
  static func evenlySpaced(_ count: Int, through last: Int) -> [Int] {
    guard count > 1 else { return [0] }
    let step = Float(last) / Float(count - 1)
    return (0..<count).map { index in
      let position =
        index < count / 2
        ? step * Float(index) : Float(last) - step * Float(count - 1 - index)
      return Int(position.rounded(.toNearestOrEven))
    }
  }
}
