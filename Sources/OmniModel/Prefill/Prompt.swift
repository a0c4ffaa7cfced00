import Selection
import Tensors

/// A conversation about clips, ready for the encoders: tokens with modality, window and position.
public struct Prompt: Sendable {
  public let ids: [Int]
  public let modalities: [Modality]
  /// The clips of the conversation in order, each ready for the encoders.
  public let clips: [PromptClip]
  /// The clip of each token, nil for text; empty with at most one clip.
  public let clipOfToken: [Int?]
  /// Number of temporal windows.
  public let windowCount: Int
  let layout: PromptLayout
  /// Audit fact on the chat template.
  public let chatFact: CheckpointFact?
  /// Audio tokens per second; 0 for a family without audio.
  public let audioTokensPerSecond: Int
  /// Without pixels and samples.
  let conversation: Conversation
  /// Hash of the media only.
  private let mediaHash: ContentHash

  /// Prepares one clip and a question: resizes, patches, computes mel features and lays out.
  public init(_ clip: ClipInput, for thinker: Thinker) throws(PromptError) {
    try self.init(Conversation(clip), for: thinker)
  }

  /// Prepares a conversation: resizes, patches, computes mel features and lays out.
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

  /// Hash of media, ids and positions, part of the seed of random drops.
  public var contentHash: UInt64 { mediaHash.joined(by: layout).value }

  /// The shape that a selection plan depends on, for `layers` layers.
  public func shape(layers: Int) -> PromptShape {
    PromptShape(
      layers: layers, counts: ModalityCounts(modalities), tokensPerGrid: tokensPerGrid,
      contentHash: contentHash, clips: clips.count > 1 ? clips.map(\.shape) : [])
  }

  /// Video tokens of one temporal grid of the first clip with video; 0 without video.
  public var tokensPerGrid: Int { clips.lazy.compactMap(\.videoGrid).first?.perTime ?? 0 }

  /// A prompt with another question about the same clips, reusing the prepared media.
  public func asking(_ question: String, of thinker: Thinker) throws(PromptError) -> Prompt {
    try Prompt(conversation.asking(question), clips, mediaHash, thinker)
  }

  /// Whether the encoder inputs are equal.
  public func hasSameMedia(as other: Prompt) -> Bool {
    clips.count == other.clips.count
      && zip(clips, other.clips).allSatisfy { $0.hasSameMedia(as: $1) }
  }

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
