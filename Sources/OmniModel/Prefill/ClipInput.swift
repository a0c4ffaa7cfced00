/// A clip as model input: sampled frames, audio, and a question.
public struct ClipInput: Sendable {
  public var system: String?
  public var question: String
  public var video: PixelFrames?
  /// Mono, 16 kHz.
  public var waveform: [Float]?
  public var image: PixelFrames?
  /// Seconds per temporal grid (two frames).
  public var secondsPerGrid: Double
  /// Seconds from the start of the video to each frame as sampled; without them frames lie as far apart
  /// as `secondsPerGrid` says.
  public var frameTimes: [Double] = []
  /// Pixel bounds of a resized frame; nil: the published processor's.
  public var leastPixels: Int?
  public var mostPixels: Int?
  /// Whether frames were resized by the published utilities, whose floats the processor resizes
  /// unrounded.
  public var isResized = false
  /// Bound on the total pixels of all resized frames; nil: none.
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

/// Errors of making a prompt from a clip.
public enum PromptError: Error, Sendable, Equatable {
  /// A frame more than 200 times as long as wide, or empty.
  case impossibleFrame(height: Int, width: Int)
  /// Contradictory pixel bounds, or above 2⁴⁰.
  case impossiblePixelBounds(least: Int, most: Int)
  /// The resized frames do not fit in memory. Bytes.
  case framesTooLarge(frames: Int, height: Int, width: Int, required: Int, available: Int)
  /// Seconds per grid must lie in 0…3600.
  case impossibleSecondsPerGrid(Double)
  /// Too short to make one audio token; `samples` at 16 kHz.
  case audioTooShort(samples: Int)
  /// The audio encoder, with chunks of 2 · `windowFrames` mel frames, gives another number of
  /// tokens than counted.
  case audioWindow(windowFrames: Int)
  /// Only audio, with a family without audio.
  case noAudio(ModelFamily)
  /// The checkpoint's tokenizer cannot encode the prompt.
  case tokenizer(CheckpointError)
  /// A token of the prompt has no row in the embedding.
  case unknownToken(id: Int, vocabulary: Int)
  /// Media for whose token config.json has another id than the tokenizer.
  case tokenConflict(TokenConflict)
}
