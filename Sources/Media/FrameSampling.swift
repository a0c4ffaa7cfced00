/// Sampling of video frames by the published rule of Qwen-Omni.
///
/// Two frames per second, at least 4 and at most 768, an even number, evenly spaced from the first
/// frame to the last. A clip of 6 seconds with 150 frames at 25 fps gives 12 frames at 2 fps.
public struct FrameSampling: Sendable, Equatable {
  public var framesPerSecond = 2.0
  public var minimumFrames = 4
  public var maximumFrames = 768
  /// Number of frames to sample instead of a rate; rounded to even, ties to a multiple of 4.
  public var frames: Int?

  public init() {}

  /// The published rule, modified by settings.
  init(_ settings: InputSettings) {
    framesPerSecond = settings.fps ?? framesPerSecond
    maximumFrames = settings.maxFrames ?? maximumFrames
    frames = settings.frames
  }

  /// The frames to sample from one video.
  public struct Plan: Sendable, Equatable {
    /// Indices of the sampled frames within the video, from 0, ascending.
    public let indices: [Int]
    /// Sampled frames per second.
    public let framesPerSecond: Double
    /// Whether the limit `maximumFrames` lowered the rate.
    public let isCapped: Bool
    /// Whether the video has fewer frames than the rate requires.
    public let isShort: Bool
  }

  /// Selects the frames to sample.
  /// - Parameters:
  ///   - totalFrames: at least 1; a video with a single frame, which the published code rejects,
  ///     gives that frame
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

  /// The requested number of frames, rounded to even as in the published code.
  private var evenFrames: Int? {
    frames.map { max(2, Int((Double($0) / 2).rounded(.toNearestOrEven)) * 2) }
  }

  /// The requested number of frames if the video has fewer, which is an error; otherwise nil.
  func shortage(totalFrames: Int) -> Int? { evenFrames.flatMap { $0 > totalFrames ? $0 : nil } }

  /// Evenly spaced indices, computed in single precision from both ends as in the published code;
  /// ties to even.
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
  /// The frames that the settings select; nil for all frames.
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

  /// The video with only those decoded frames that the settings select.
  public func sampled(
    _ settings: InputSettings, file: String
  ) throws(MediaError) -> VideoFrames {
    try plan(settings, file: file).map(sampled) ?? self
  }
}
