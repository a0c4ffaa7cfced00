/// A clip as model input: sampled video frames, audio, a still image and a question.
public struct ClipInput: Sendable {
  public var system: String?
  public var question: String
  public var video: PixelFrames?
  /// Mono audio samples at 16 kHz.
  public var waveform: [Float]?
  public var image: PixelFrames?
  /// Seconds of video per temporal grid (two frames).
  public var secondsPerGrid: Double
  /// Seconds from the start of the video to each sampled frame. If empty, frames are evenly spaced
  /// by `secondsPerGrid`.
  public var frameTimes: [Double] = []
  /// Minimum number of pixels of a resized frame; nil for the default of the published processor.
  public var leastPixels: Int?
  public var mostPixels: Int?
  /// Whether `qwen_omni_utils` has already resized the frames; the processor then resizes its
  /// unrounded floats.
  public var isResized = false
  /// Maximum number of pixels of all resized frames together; nil for no limit.
  public var totalPixels: Int?

  public init(
    system: String? = nil, question: String, video: PixelFrames? = nil, waveform: [Float]? = nil,
    image: PixelFrames? = nil, secondsPerGrid: Double = 1, leastPixels: Int? = nil,
    mostPixels: Int? = nil, totalPixels: Int? = nil
  ) {
    self.system = system
    self.question = question
    self.video = video
    self.waveform = waveform
    self.image = image
    self.secondsPerGrid = secondsPerGrid
    self.leastPixels = leastPixels
    self.mostPixels = mostPixels
    self.totalPixels = totalPixels
  }
}

/// Errors of building a prompt from a clip.
public enum PromptError: Error, Sendable, Equatable {
  /// A frame is empty, or its aspect ratio exceeds 200.
  case impossibleFrame(height: Int, width: Int)
  /// Pixel bounds are contradictory or exceed 2⁴⁰.
  case impossiblePixelBounds(least: Int, most: Int)
  /// The resized frames do not fit in memory: bytes required and available.
  case framesTooLarge(frames: Int, height: Int, width: Int, required: Int, available: Int)
  /// Seconds per grid are outside the range 0…3600.
  case impossibleSecondsPerGrid(Double)
  /// The audio is too short for one audio token; `samples` at 16 kHz.
  case audioTooShort(samples: Int)
  /// The audio encoder, in chunks of 2 · `windowFrames` mel frames, would return a different number
  /// of tokens than the prompt contains.
  case audioWindow(windowFrames: Int)
  /// The clip has only audio, but the model family does not support audio.
  case noAudio(ModelFamily)
  /// The checkpoint's tokenizer cannot encode the prompt.
  case tokenizer(CheckpointError)
  /// A token id of the prompt is not in the embedding matrix.
  case unknownToken(id: Int, vocabulary: Int)
  /// config.json and the tokenizer assign different ids to the token of a medium in the clip.
  case tokenConflict(TokenConflict)
}
