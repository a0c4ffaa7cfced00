import Basics
import Media
import OmniModel
import Selection

/// A token of the prompt with its source, as defined by the engine.
public typealias PromptToken = OmniModel.PromptToken

/// The subject of a run: model, clip and prompt.
public struct RunSubject: Sendable, Equatable, Codable {
  public let model: ModelSummary
  public var clip: ClipSummary
  public let prompt: PromptSummary
  public let media: PromptMedia
  /// Origin of a recorded run; nil for a live run.
  public let origin: RunOrigin?

  public init(
    model: ModelSummary, clip: ClipSummary, prompt: PromptSummary, media: PromptMedia = .init(),
    origin: RunOrigin? = nil
  ) {
    self.model = model
    self.clip = clip
    self.prompt = prompt
    self.media = media
    self.origin = origin
  }

  /// Properties of the prompt that selection plans depend on.
  public var promptShape: PromptShape {
    PromptShape(
      layers: model.decoder.layers, counts: prompt.counts, tokensPerGrid: prompt.tokensPerGrid,
      contentHash: prompt.contentHash, clips: prompt.clips)
  }
}

/// Summary of the checkpoint.
public struct ModelSummary: Sendable, Equatable, Codable {
  /// Name of the model directory.
  public let name: String
  /// Value of `architectures[0]` in `config.json`.
  public let architecture: String
  public let decoder: DecoderShape
  /// Element type of the stored weights: `float32`, `bfloat16` or `float16`.
  public let dtype: String
  public let parameters: Int
  /// Model family; published defaults, such as ratios of a nominal retention, depend on it.
  public let family: ModelFamily
  /// What computes it, in words, where that is another process.
  public var engine: String?

  /// A summary of a checkpoint.
  /// - Parameter family: model family; by default the one of the architecture's name.
  public init(
    name: String, architecture: String, decoder: DecoderShape, dtype: String, parameters: Int,
    family: ModelFamily? = nil
  ) {
    self.name = name
    self.architecture = architecture
    self.family = family ?? ModelFamily(architecture: architecture)
    self.decoder = decoder
    self.dtype = dtype
    self.parameters = parameters
  }
}

/// Summary of the clip, with its audit.
public struct ClipSummary: Sendable, Equatable, Codable {
  public let title: String
  /// Path of the clip as displayed.
  public var source: String
  /// Duration of the longer of video and audio, in seconds; nil without either.
  public let seconds: Double?
  /// Number of sampled frames.
  public let frames: Int
  public let question: String
  public let choices: [String]
  /// The right answer; nil if the clip contains none.
  public let answer: String?
  /// Audit entries about input and model.
  public let audit: [AuditEntry]
  /// Input settings in use, with presets expanded.
  public let input: InputSettings
  /// Media parts of a conversation, in order; empty for one clip and one question.
  public let parts: [ClipPart]

  public init(
    title: String, source: String, seconds: Double?, frames: Int, question: String,
    choices: [String], answer: String?, audit: [AuditEntry], input: InputSettings = InputSettings(),
    parts: [ClipPart] = []
  ) {
    self.title = title
    self.source = source
    self.seconds = seconds
    self.frames = frames
    self.question = question
    self.choices = choices
    self.answer = answer
    self.audit = audit
    self.input = input
    self.parts = parts
  }
}

/// An image, video or audio part of a conversation.
public struct ClipPart: Sendable, Equatable, Codable {
  /// Key path of the part in the messages file: `messages[0].content[1]`.
  public let place: String
  /// Kind of the part: `image`, `video` or `audio`.
  public let kind: String
  /// Name and path of the media file.
  public let title: String
  public var source: String
  /// Duration of the longer of video and audio, in seconds; nil for an image.
  public let seconds: Double?
  /// Number of sampled frames.
  public let frames: Int
  /// Token counts of the part before any selection.
  public let image, video, audio: Int

  public init(
    place: String, kind: String, title: String, source: String, seconds: Double?, frames: Int,
    image: Int, video: Int, audio: Int
  ) {
    (self.place, self.kind, self.title, self.source) = (place, kind, title, source)
    (self.seconds, self.frames) = (seconds, frames)
    (self.image, self.video, self.audio) = (image, video, audio)
  }
}

/// One entry of the input audit, such as `frames`: `10 at 2 fps, 84×112`.
public struct AuditEntry: Sendable, Equatable, Codable {
  public let subject: String
  public let fact: String
  /// Whether something was cut, changed or ignored.
  public let isWarning: Bool

  public init(_ subject: String, _ fact: String, isWarning: Bool = false) {
    self.subject = subject
    self.fact = fact
    self.isWarning = isWarning
  }
}

extension [AuditEntry] {
  /// The warnings as text: `audio cut: the last 1.0 s …`
  public var notices: [String] { filter(\.isWarning).map { "\($0.subject): \($0.fact)" } }
}

/// The prompt, token by token.
public struct PromptSummary: Sendable, Equatable, Codable {
  /// Modality of each prompt position.
  public let modalities: [Modality]
  /// Number of temporal windows.
  public let windows: Int
  /// Number of video tokens in one temporal grid; 0 without video.
  public let tokensPerGrid: Int
  public let counts: ModalityCounts
  /// The clips of a conversation, in order; empty if there is at most one clip.
  public let clips: [ClipShape]
  /// Every token with its source; empty if only the modalities are known.
  public let tokens: [PromptToken]
  /// Hash of pixels, audio samples, token ids and positions; 0 if unknown.
  public let contentHash: UInt64

  public init(
    modalities: [Modality], windows: Int, tokensPerGrid: Int, tokens: [PromptToken] = [],
    contentHash: UInt64 = 0, clips: [ClipShape] = []
  ) {
    self.modalities = modalities
    self.windows = windows
    self.tokensPerGrid = tokensPerGrid
    self.tokens = tokens
    self.contentHash = contentHash
    self.clips = clips
    counts = ModalityCounts(modalities)
  }
}

extension PromptSummary {
  /// Index of the clip of each token, nil for text; empty if there is at most one clip.
  public var clipOfToken: [Int?] { clips.isEmpty ? [] : tokens.map(\.clip) }

  /// Temporal windows of the whole prompt.
  public var temporalWindows: TemporalWindows { TemporalWindows(modalities, clips: clipOfToken) }
}

/// Origin of a recorded run.
public struct RunOrigin: Sendable, Equatable, Codable {
  /// Program that wrote the trace, with its version: `seats-top 0.1.0`.
  public let writer: String?
  /// Name of the method in the trace, if it is unknown to this version or its ratios are missing;
  /// otherwise nil.
  public let method: String?
  /// Whether the trace contains a plan, so that future drops are known.
  public let statesPlan: Bool
  /// Keys of settings that the trace does not contain; names as in docs/trace-format.md.
  public let unstatedSettings: [String]
  /// The value of `run_id` in the trace's header.
  public let runID: String?

  public init(
    writer: String?, method: String?, statesPlan: Bool = true, unstatedSettings: [String] = [],
    runID: String? = nil
  ) {
    self.writer = writer
    self.method = method
    self.statesPlan = statesPlan
    self.unstatedSettings = unstatedSettings
    self.runID = runID
  }
}
