/// The frames of a clip, already sampled, in order of time.
public struct VideoFrames: Sendable, Equatable {
  /// At least one frame, all of one size.
  public let frames: [RGBImage]
  /// Sampled frames per second; finite and above 0.
  public let framesPerSecond: Double
  /// Seconds from the start of the video to each frame: its number there, over the rate of the source.
  public let times: [Double]

  /// - Parameters:
  ///   - frames: at least one, all of one size
  ///   - times: one for each frame; nil takes them as `framesPerSecond` apart
  public init(frames: [RGBImage], framesPerSecond: Double, times: [Double]? = nil) {
    precondition(!frames.isEmpty, "a video has at least one frame")
    precondition(
      frames.allSatisfy { $0.width == frames[0].width && $0.height == frames[0].height },
      "all frames have one size")
    precondition(
      framesPerSecond.isFinite && framesPerSecond > 0, "\(framesPerSecond) frames per second")
    self.frames = frames
    self.framesPerSecond = framesPerSecond
    self.times = times ?? frames.indices.map { Double($0) / framesPerSecond }
    precondition(self.times.count == frames.count, "\(self.times.count) times")
  }

  /// Frame width in pixels.
  public var width: Int { frames[0].width }
  /// Frame height in pixels.
  public var height: Int { frames[0].height }
  /// Duration of all frames, in seconds.
  public var seconds: Double { Double(frames.count) / framesPerSecond }
}

/// Transforms a decoded frame, typically a resize, so that full-size frames are never all in
/// memory. Called once per frame in order; all results have one size.
///
/// - Parameters:
///   - frame: as decoded
///   - frameCount: total number of frames
public typealias PrepareFrame = @Sendable (_ frame: RGBImage, _ frameCount: Int) -> RGBImage

/// Transformations of a clip's pictures while reading; nil: as decoded.
public struct PicturePreparation: Sendable {
  /// The frames of a video.
  public var frame: PrepareFrame?
  /// For the still picture of a media file; those of clip directories are used as stored.
  public var image: (@Sendable (RGBImage) -> RGBImage)?

  public init(
    frame: PrepareFrame? = nil, image: (@Sendable (RGBImage) -> RGBImage)? = nil
  ) {
    self.frame = frame
    self.image = image
  }
}
