/// Frame sampling of a video: the published Qwen-Omni rule.
///
/// Two frames a second, at least 4 and at most 768 of them, an even number, evenly spread from the
/// first frame to the last. A 6-second clip of 150 frames at 25 fps gives 12 of them, at 2 fps.
public struct FrameSampling: Sendable, Equatable {
  public var framesPerSecond = 2.0
  public var minimumFrames = 4
  public var maximumFrames = 768
  /// A number of frames instead of a rate; rounded to even, ties to a multiple of 4.
  public var frames: Int?

  public init() {}

  /// The published rule, modified by settings.
  init(_ settings: InputSettings) {
    framesPerSecond = settings.fps ?? framesPerSecond
    maximumFrames = settings.maxFrames ?? maximumFrames
    frames = settings.frames
  }

  /// The sampled frames of one video.
  public struct Plan: Sendable, Equatable {
    /// Ascending indices into the video's frames, from 0.
    public let indices: [Int]
    /// Sampled frames per second.
    public let framesPerSecond: Double
    /// Whether `maximumFrames` lowered the rate.
    public let isCapped: Bool
    /// Whether the video has fewer frames than the rate requires.
    public let isShort: Bool
  }

  /// - Parameters:
  ///   - totalFrames: at least 1; a single frame, which the published code refuses, is used alone
  ///   - sourceRate: frames per second of the video, finite and above 0
  public func plan(totalFrames: Int, sourceRate: Double) -> Plan {
    precondition(totalFrames > 0 && sourceRate > 0 && sourceRate.isFinite)
    if let evenFrames {
      let count = min(evenFrames, max(1, totalFrames / 2 * 2))
      return Plan(
        indices: Self.evenlySpaced(count, through: totalFrames - 1),
        framesPerSecond: Double(count) / Double(totalFrames) * sourceRate, isCapped: false,
        isShort: false)
    }
    let wanted = Double(totalFrames) / sourceRate * framesPerSecond
    let ceiling = min(maximumFrames, totalFrames) / 2 * 2
    let floor = Double((minimumFrames + 1) / 2 * 2)
    let count = max(Int(min(max(wanted, floor), Double(ceiling))) / 2 * 2, 1)
    return Plan(
      indices: Self.evenlySpaced(count, through: totalFrames - 1),
      framesPerSecond: Double(count) / Double(totalFrames) * sourceRate,
      isCapped: wanted > Double(maximumFrames), isShort: wanted > Double(totalFrames))
  }

  /// `frames` as the published code rounds it.
  private var evenFrames: Int? {
    frames.map { max(2, Int((Double($0) / 2).rounded(.toNearestOrEven)) * 2) }
  }

  /// The requested number of frames if the video has fewer, which is an error.
  func shortage(totalFrames: Int) -> Int? { evenFrames.flatMap { $0 > totalFrames ? $0 : nil } }

  /// In single precision and from both ends, as in the published code; ties to even.
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

extension VideoFrames {
  /// The frames that the settings select; nil: all.
  func plan(_ settings: InputSettings, file: String) throws(MediaError) -> FrameSampling.Plan? {
    guard settings.samples else { return nil }
    let sampling = FrameSampling(settings)
    if let asked = sampling.shortage(totalFrames: frames.count) {
      throw .tooFewFrames(file: file, asked: asked, present: frames.count)
    }
    return sampling.plan(totalFrames: frames.count, sourceRate: framesPerSecond)
  }

  func sampled(_ plan: FrameSampling.Plan) -> VideoFrames {
    VideoFrames(
      frames: plan.indices.map { frames[$0] }, framesPerSecond: plan.framesPerSecond,
      times: plan.indices.map { times[$0] })
  }

  /// The frames that the settings select, of decoded frames.
  public func sampled(
    _ settings: InputSettings, file: String
  ) throws(MediaError) -> VideoFrames {
    try plan(settings, file: file).map(sampled) ?? self
  }
}
