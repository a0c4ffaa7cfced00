/// The frames of a clip, already sampled, in order of time.
public struct VideoFrames: Sendable, Equatable {
  /// At least one frame, all of one size.
  public let frames: [RGBImage]
  /// How many of these frames stand for one second; finite and above 0.
  public let framesPerSecond: Double

  /// - Parameter frames: at least one, all of one size
  public init(frames: [RGBImage], framesPerSecond: Double) {
    precondition(!frames.isEmpty, "a video has at least one frame")
    precondition(
      frames.allSatisfy { $0.width == frames[0].width && $0.height == frames[0].height },
      "all frames have one size")
    precondition(
      framesPerSecond.isFinite && framesPerSecond > 0, "\(framesPerSecond) frames per second")
    self.frames = frames
    self.framesPerSecond = framesPerSecond
  }

  /// Frame width in pixels.
  public var width: Int { frames[0].width }
  /// Frame height in pixels.
  public var height: Int { frames[0].height }
  /// The time that all frames stand for.
  public var seconds: Double { Double(frames.count) / framesPerSecond }
}

/// Changes a frame as it arrives, typically to make it smaller, so that a long clip of large frames
/// never sits in memory whole. Called once per frame in order; all results have one size.
///
/// - Parameters:
///   - frame: as decoded
///   - frameCount: how many frames the clip will have in total
public typealias PrepareFrame = @Sendable (_ frame: RGBImage, _ frameCount: Int) -> RGBImage

/// What is done with the pictures of a clip as they arrive; nil leaves them as decoded.
public struct PicturePreparation: Sendable {
  /// The frames of a video.
  public var frame: PrepareFrame?
  /// The still picture of a media file; those of clip directories are left as they are.
  public var image: (@Sendable (RGBImage) -> RGBImage)?

  public init(
    frame: PrepareFrame? = nil, image: (@Sendable (RGBImage) -> RGBImage)? = nil
  ) {
    self.frame = frame
    self.image = image
  }
}
