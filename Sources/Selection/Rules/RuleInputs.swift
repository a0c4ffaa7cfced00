import Tensors

/// The encoded tokens of one modality before the decoder. Its members throw the errors of the
/// engine.
public protocol EncodedTokens: Sendable {
  /// Token features as they enter the decoder, in prompt order: [tokens, width].
  var features: Tensor { get throws }
  /// Attention received by each token in the last encoder layer, [tokens]: softmax inside windows,
  /// mean over heads, sum over queries, mean over a token's units.
  func attentionReceived(in windows: SelectionWindows) throws -> [Float]
  /// FLOPs to compute the attention received; a multiply-add counts 2.
  func attentionFlops(in windows: SelectionWindows) -> Double
  /// Keys of the last encoder layer, averaged over heads and over a token's units: [tokens,
  /// headWidth].
  func keyMeans() throws -> Tensor
  /// Cosine distances of the features within windows of `windowTokens` tokens.
  /// - Parameter windows: the selection windows, for which the rule needs attention afterwards.
  func distances(
    windowTokens: Int, in windows: SelectionWindows
  ) throws -> WindowDistances
}

extension EncodedTokens {
  public func distances(
    windowTokens: Int, in windows: SelectionWindows
  ) throws -> WindowDistances {
    WindowDistances(of: try features)
  }
}

/// The inputs of an encoder rule (Stage I) for one clip.
public struct EncoderInputs: Sendable {
  /// Modality of every prompt token, in order; tokens of other clips count as text.
  public let modalities: [Modality]
  /// Number of video tokens in one temporal grid; 0 without video.
  public let gridTokens: Int
  /// Number of video tokens in one row of a grid; 0 without video.
  public let gridColumns: Int
  /// Encoded tokens of each modality; nil if the clip has none.
  public let video, audio: (any EncodedTokens)?

  /// Creates the inputs of an encoder rule.
  /// - Parameter gridColumns: video tokens in a row of a grid; by default the whole grid is one
  ///   row.
  public init(
    modalities: [Modality], gridTokens: Int, gridColumns: Int? = nil,
    video: (any EncodedTokens)?, audio: (any EncodedTokens)?
  ) {
    self.modalities = modalities
    self.gridTokens = gridTokens
    self.gridColumns = gridColumns ?? gridTokens
    self.video = video
    self.audio = audio
  }

  /// The tokens of one modality, with their positions.
  struct Part {
    let modality: Modality
    let tokens: any EncodedTokens
    /// Prompt position of each token.
    let positions: [Int]
  }

  /// The modalities that the clip contains: video, then audio.
  var parts: [Part] {
    [(Modality.video, video), (.audio, audio)].compactMap { modality, tokens in
      tokens.map { Part(modality: modality, tokens: $0, positions: positions(of: modality)) }
    }
  }

  func part(_ modality: Modality) -> Part? { parts.first { $0.modality == modality } }

  func positions(of modality: Modality) -> [Int] {
    modalities.indices.filter { modalities[$0] == modality }
  }

  /// Number of tokens of a modality in one temporal window.
  func windowTokens(_ windows: SelectionWindows, _ modality: Modality) -> Int {
    modality == .video ? windows.grids * gridTokens : windows.audioTokens
  }

  /// The result of a rule that keeps these positions of video and audio, and all other tokens.
  func outcome(_ kept: [Int], flops: Double = 0) -> RuleOutcome {
    let others = modalities.indices.filter { !modalities[$0].isDroppable }
    return RuleOutcome(kept: (others + kept).sorted(), path: .windows, flops: flops)
  }
}

/// The inputs of a boundary rule, after a decoder layer.
public struct BoundaryInputs: Sendable {
  /// Attention of the last text token over all remaining tokens.
  public struct Relevance: Sendable {
    /// Relevance of each remaining token, [tokens].
    public let scores: [Float]
    /// FLOPs executed; a multiply-add counts 2.
    public let flops: Double

    public init(scores: [Float], flops: Double) {
      self.scores = scores
      self.flops = flops
    }
  }

  /// Modality of every remaining token, in order.
  public let modalities: [Modality]
  /// Prompt position of each remaining token.
  public let positions: [Int]
  /// Index of each token's clip, nil for text; empty for at most one clip.
  public let clips: [Int?]
  /// The decoder layer before the boundary, counted from 1.
  public let layer: Int
  /// Ordinal of each token within its modality in the whole prompt, from 0.
  public let ordinals: @Sendable () -> [Int]
  /// Temporal window of each token in the whole prompt, counted from 0; nil for text.
  public let windows: @Sendable () -> [Int?]
  /// Computes the relevance of all remaining tokens with that layer's attention.
  public let relevance: @Sendable () throws -> Relevance
  /// Computes their mean relevance by all text tokens after the last video or audio token of the prompt.
  public let questionRelevance: @Sendable () throws -> Relevance
  /// Reads the layer's output, [tokens, hiddenSize].
  public let hidden: @Sendable () throws -> Tensor

  /// - Parameters:
  ///   - ordinals: nil: those of a prompt of these tokens only.
  ///   - windows: nil: unknown.
  ///   - questionRelevance: nil: that of the last text token.
  public init(
    modalities: [Modality], positions: [Int], clips: [Int?] = [], layer: Int,
    ordinals: (@Sendable () -> [Int])? = nil, windows: (@Sendable () -> [Int?])? = nil,
    relevance: @escaping @Sendable () throws -> Relevance,
    questionRelevance: (@Sendable () throws -> Relevance)? = nil,
    hidden: @escaping @Sendable () throws -> Tensor
  ) {
    self.modalities = modalities
    self.positions = positions
    self.clips = clips
    self.layer = layer
    self.ordinals = ordinals ?? { modalities.ordinals }
    self.windows = windows ?? { [Int?](repeating: nil, count: modalities.count) }
    self.relevance = relevance
    self.questionRelevance = questionRelevance ?? relevance
    self.hidden = hidden
  }
}
