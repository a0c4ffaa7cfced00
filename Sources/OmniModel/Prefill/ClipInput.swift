/// A clip as the thinker takes it: pictures and sound as sampled, and what to ask about them.
public struct ClipInput: Sendable {
  public var system: String?
  public var question: String
  public var video: PixelFrames?
  /// Mono, 16 kHz.
  public var waveform: [Float]?
  public var image: PixelFrames?
  /// Seconds that one temporal grid (two frames) stands for.
  public var secondsPerGrid: Double
  /// Bounds on the pixels of a resized frame; nil takes the published processor's.
  public var leastPixels: Int?
  public var mostPixels: Int?
  /// The frames went through the published utilities, whose floats the processor resizes as such.
  public var isResized = false
  /// Bound on the pixels of all resized frames together; nil sets none.
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

/// Why a clip cannot be put to the model.
public enum PromptError: Error, Sendable, Equatable {
  /// A frame more than 200 times as long as wide, or empty.
  case impossibleFrame(height: Int, width: Int)
  /// The pixel bounds contradict each other, or go beyond 2⁴⁰.
  case impossiblePixelBounds(least: Int, most: Int)
  /// The resized frames do not fit in memory. Bytes.
  case framesTooLarge(frames: Int, height: Int, width: Int, required: Int, available: Int)
  /// Seconds per grid must lie in 0…3600.
  case impossibleSecondsPerGrid(Double)
  /// Too short to make one audio token; `samples` at 16 kHz.
  case audioTooShort(samples: Int)
  /// The audio tower works in chunks of 2 · `windowFrames` mel frames, and makes another number of tokens
  /// of this sound than are counted for it.
  case audioWindow(windowFrames: Int)
  /// There is nothing but sound, and the family takes none.
  case noAudio(ModelFamily)
  /// The checkpoint's tokenizer cannot spell the prompt.
  case tokenizer(CheckpointError)
  /// A token of the prompt has no row in the embedding.
  case unknownToken(id: Int, vocabulary: Int)
  /// Media for whose token config.json has another id than the tokenizer.
  case tokenConflict(TokenConflict)
}
