/// The sampled frames of a video, in order of time.
public struct VideoFrames: Sendable, Equatable {
  /// Frames, at least one, all of the same size.
  public let frames: [RGBImage]
  /// Sampled frames per second; finite and above 0.
  public let framesPerSecond: Double
  /// Seconds from the start of the video to each frame: the frame's number in the source over the
  /// source's frame rate.
  public let times: [Double]

  /// Creates a video from its frames.
  /// - Parameters:
  ///   - frames: at least one, all of the same size
  ///   - times: seconds, one for each frame; nil for evenly spaced frames at `framesPerSecond`
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

/// A function that transforms a decoded frame, usually resizing it, so that full-size frames are
/// never all in memory. Called once per frame in order; all results must have the same size.
///
/// - Parameters:
///   - frame: the decoded frame
///   - frameCount: total number of frames
public typealias PrepareFrame = @Sendable (_ frame: RGBImage, _ frameCount: Int) -> RGBImage

/// How the pictures of a clip are resized while reading; nil keeps them as decoded.
public struct PicturePreparation: Sendable {
  /// Transforms the frames of a video.
  public var frame: PrepareFrame?
  /// Transforms the still image of a media file; images of clip directories are not transformed.
  public var image: (@Sendable (RGBImage) -> RGBImage)?

  public init(
    frame: PrepareFrame? = nil, image: (@Sendable (RGBImage) -> RGBImage)? = nil
  ) {
    self.frame = frame
    self.image = image
  }
}
