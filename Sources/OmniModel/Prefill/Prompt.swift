import Selection
import Tensors

/// A conversation about clips, preprocessed for the encoders, with modality, temporal window and
/// position of every token.
public struct Prompt: Sendable {
  public let ids: [Int]
  public let modalities: [Modality]
  /// The preprocessed clips of the conversation, in order.
  public let clips: [PromptClip]
  /// Index of each token's clip, nil for text; empty for at most one clip.
  public let clipOfToken: [Int?]
  /// Number of temporal windows of the prompt.
  public let windowCount: Int
  let layout: PromptLayout
  /// Audit fact on the chat template that the prompt uses; nil without one.
  public let chatFact: CheckpointFact?
  /// Audio tokens per second of audio; 0 for a model family without audio.
  public let audioTokensPerSecond: Int
  /// The conversation without its pixels and audio samples.
  let conversation: Conversation
  /// Hash of the media, without ids and positions.
  private let mediaHash: ContentHash

  /// Prepares a prompt of one clip and a question: resizes frames, cuts patches, computes mel
  /// features and assigns token positions.
  public init(_ clip: ClipInput, for thinker: Thinker) throws(PromptError) {
    try self.init(Conversation(clip), for: thinker)
  }

  /// Prepares a prompt of a conversation: resizes frames, cuts patches, computes mel features and
  /// assigns token positions.
  public init(_ conversation: Conversation, for thinker: Thinker) throws(PromptError) {
    let inputs = conversation.clips
    let prepare = ClipPreparation(thinker, inputs)
    var clips: [PromptClip] = []
    for input in inputs { clips.append(try prepare.clip(input)) }
    try self.init(
      conversation.withoutMedia, clips, ContentHash(media: inputs), thinker)
  }

  private init(
    _ conversation: Conversation, _ clips: [PromptClip], _ mediaHash: ContentHash,
    _ thinker: Thinker
  ) throws(PromptError) {
    self.conversation = conversation
    self.clips = clips
    self.mediaHash = mediaHash
    audioTokensPerSecond = thinker.configuration.definition.audio?.tokensPerSecond ?? 0
    (layout, chatFact) = try Self.layout(conversation, clips, thinker)
    ids = layout.ids
    modalities = layout.modalities
    clipOfToken = clips.count > 1 ? layout.clips : []
    windowCount = TemporalWindows(modalities, clips: clipOfToken).windows.count
  }

  /// Hash of media, token ids and positions; part of the seed of random drops.
  public var contentHash: UInt64 { mediaHash.joined(by: layout).value }

  /// The counts of a prompt that selection plans depend on, for a decoder with `layers` layers.
  public func shape(layers: Int) -> PromptShape {
    PromptShape(
      layers: layers, counts: ModalityCounts(modalities), tokensPerGrid: tokensPerGrid,
      contentHash: contentHash, clips: clips.count > 1 ? clips.map(\.shape) : [])
  }

  /// Video tokens per temporal grid of the first clip with video; 0 without video.
  public var tokensPerGrid: Int { clips.lazy.compactMap(\.videoGrid).first?.perTime ?? 0 }

  /// A prompt with another question about the same clips; the preprocessed media are reused.
  public func asking(_ question: String, of thinker: Thinker) throws(PromptError) -> Prompt {
    try Prompt(conversation.asking(question), clips, mediaHash, thinker)
  }

  /// Whether another question can replace that of the last turn.
  public var hasOneQuestion: Bool { conversation.hasOneQuestion }

  private static func layout(
    _ conversation: Conversation, _ clips: [PromptClip], _ thinker: Thinker
  ) throws(PromptError) -> (PromptLayout, CheckpointFact?) {
    let configuration = thinker.configuration
    let segments = clips.flatMap(\.segments)
    if let conflict = thinker.tokens.conflicts.first(where: { conflict in
      segments.contains { $0.needs(conflict.kind) }
    }) {
      throw .tokenConflict(conflict)
    }
    let chat = ChatPrompt(
      conversation: conversation, style: thinker.chatStyle, template: thinker.chatTemplate,
      media: clips.map(\.segments),
      openings: clips.map { $0.opening(configuration.definition) })
    let layout: PromptLayout
    let fact: CheckpointFact?
    do {
      let written = try chat.segments(thinker.tokenizer)
      fact = written.fact
      layout = PromptLayout(
        written.segments,
        .init(
          family: configuration.definition, tokens: thinker.tokens.tokens,
          positionsPerSecond: configuration.positionsPerSecond,
          secondsPerChunk: configuration.secondsPerChunk, encode: thinker.tokenizer.encodePlain,
          gridTimes: clips.map(\.gridTimes)))
    } catch {
      throw .tokenizer(error)
    }
    if let id = layout.ids.first(where: { $0 < 0 || $0 >= configuration.text.vocabulary }) {
      throw .unknownToken(id: id, vocabulary: configuration.text.vocabulary)
    }
    return (layout, fact)
  }
}
