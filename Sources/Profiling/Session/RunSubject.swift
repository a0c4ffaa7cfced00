import Media
import OmniModel
import Selection

/// A token of the prompt, by the engine's own names.
public typealias PromptToken = OmniModel.PromptToken

/// What a run is about: the model, the clip and the prompt made of both.
public struct RunSubject: Sendable, Equatable, Codable {
  public let model: ModelSummary
  public var clip: ClipSummary
  public let prompt: PromptSummary
  public let media: PromptMedia
  /// Where the run comes from, when a trace tells of it; nil for a run that happens here.
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

  /// What a selection plan depends on.
  public var promptShape: PromptShape {
    PromptShape(
      layers: model.decoder.layers, counts: prompt.counts, tokensPerGrid: prompt.tokensPerGrid,
      contentHash: prompt.contentHash, clips: prompt.clips)
  }
}

/// The checkpoint, in the words of its own files.
public struct ModelSummary: Sendable, Equatable, Codable {
  /// The directory's name.
  public let name: String
  /// `architectures[0]` of config.json.
  public let architecture: String
  public let decoder: DecoderShape
  /// The type the weights are stored in: `float32`, `bfloat16` or `float16`.
  public let dtype: String
  public let parameters: Int
  /// Whose conventions it follows: those of nominal retention, for one.
  public let family: ModelFamily

  /// - Parameter family: told by the architecture's name where nobody knows it.
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

/// The clip, and what was read of it.
public struct ClipSummary: Sendable, Equatable, Codable {
  public let title: String
  /// Its path, as it is shown.
  public var source: String
  /// Length of the longer of video and audio; nil where there is neither.
  public let seconds: Double?
  /// Frames as sampled.
  public let frames: Int
  public let question: String
  public let choices: [String]
  /// The right answer, where the clip states one.
  public let answer: String?
  /// What was actually fed to the model, line by line.
  public let audit: [AuditEntry]
  /// The settings in force, presets spelled out.
  public let input: InputSettings
  /// The media of a conversation, in order; empty for one clip and one question.
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

/// One of the media of a conversation.
public struct ClipPart: Sendable, Equatable, Codable {
  /// Where the messages name it: `messages[0].content[1]`.
  public let place: String
  /// `image`, `video` or `audio`.
  public let kind: String
  /// Its name and its path.
  public let title: String
  public var source: String
  /// Length of the longer of video and audio; nil for a picture.
  public let seconds: Double?
  /// Frames as sampled.
  public let frames: Int
  /// Tokens before any selection.
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

/// One fact of the input audit: `frames` – `10 at 2 fps, 84×112`.
public struct AuditEntry: Sendable, Equatable, Codable {
  public let subject: String
  public let fact: String
  /// Something was cut, changed or ignored.
  public let isWarning: Bool

  public init(_ subject: String, _ fact: String, isWarning: Bool = false) {
    self.subject = subject
    self.fact = fact
    self.isWarning = isWarning
  }
}

extension [AuditEntry] {
  /// What was cut, changed, assumed or ignored, as every result says it: `audio cut: the last 1.0 s …`
  public var notices: [String] { filter(\.isWarning).map { "\($0.subject): \($0.fact)" } }
}

/// The prompt, token by token.
public struct PromptSummary: Sendable, Equatable, Codable {
  /// Modality at each position of the full prompt.
  public let modalities: [Modality]
  /// Runs of video and audio that belong together in time.
  public let windows: Int
  /// Video tokens of one temporal grid; 0 without video.
  public let tokensPerGrid: Int
  public let counts: ModalityCounts
  /// The clips of a conversation, in order; empty where there is one clip at most.
  public let clips: [ClipShape]
  /// Every token and its place in the clip; empty where nothing but the modality is known.
  public let tokens: [PromptToken]
  /// Stands for pixels, samples, ids and positions; 0 where they are not known.
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
  /// The clip of each token, nil for text; empty where there is one clip at most.
  public var clipOfToken: [Int?] { clips.isEmpty ? [] : tokens.map(\.clip) }

  /// The temporal windows of the whole prompt.
  public var temporalWindows: TemporalWindows { TemporalWindows(modalities, clips: clipOfToken) }
}

/// Where a run comes from that does not happen here and now.
public struct RunOrigin: Sendable, Equatable, Codable {
  /// Who wrote the trace: `seats-top 0.1.0`.
  public let writer: String?
  /// The method by the writer's own name, where it is not one of ours or its ratios are not stated.
  public let method: String?
  /// The trace has a `plan`: which drops are still to come is known.
  public let statesPlan: Bool
  /// Keys of the settings, as docs/trace-format.md spells them, that the trace leaves out.
  public let unstatedSettings: [String]
  /// `run_id` of the trace's header.
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
