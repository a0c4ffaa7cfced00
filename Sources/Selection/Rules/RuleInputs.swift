import Tensors

/// What an engine knows of the tokens of one modality before the decoder.
public protocol EncodedTokens: Sendable {
  /// [tokens, width], as they enter the decoder, in the order of the prompt.
  var features: Tensor { get }
  /// Attention received in the last encoder layer: softmax inside windows, mean over heads, sum over
  /// queries, mean over a token's units. [tokens].
  func attentionReceived(in windows: SelectionWindows) -> [Float]
  /// FLOPs of that statistic, 2 per multiply-add.
  func attentionFlops(in windows: SelectionWindows) -> Double
  /// Keys of the last encoder layer averaged over heads and a token's units: [tokens, headWidth].
  func keyMeans() -> Tensor
}

/// What a rule may ask before layer 1, of one clip.
public struct EncoderInputs: Sendable {
  /// Of every token of the prompt, in order; those of other clips stand as text.
  public let modalities: [Modality]
  /// Video tokens of one temporal grid; 0 without video.
  public let gridTokens: Int
  /// Video tokens of one row of such a grid; 0 without video.
  public let gridColumns: Int
  /// Nil where the prompt has none.
  public let video, audio: (any EncodedTokens)?

  /// - Parameter gridColumns: a grid is one row where it is left out.
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

  /// A modality that is there.
  struct Part {
    let modality: Modality
    let tokens: any EncodedTokens
    /// Position in the prompt of each token.
    let positions: [Int]
  }

  /// Video, then audio.
  var parts: [Part] {
    [(Modality.video, video), (.audio, audio)].compactMap { modality, tokens in
      tokens.map { Part(modality: modality, tokens: $0, positions: positions(of: modality)) }
    }
  }

  func part(_ modality: Modality) -> Part? { parts.first { $0.modality == modality } }

  func positions(of modality: Modality) -> [Int] {
    modalities.indices.filter { modalities[$0] == modality }
  }

  /// Tokens of a modality in one window.
  func windowTokens(_ windows: SelectionWindows, _ modality: Modality) -> Int {
    modality == .video ? windows.grids * gridTokens : windows.audioTokens
  }

  /// A choice of video and audio tokens, by their positions, and all that is neither.
  func outcome(_ kept: [Int], flops: Double = 0) -> RuleOutcome {
    let others = modalities.indices.filter { !modalities[$0].isDroppable }
    return RuleOutcome(kept: (others + kept).sorted(), path: .windows, flops: flops)
  }
}

/// What a rule may ask after a decoder layer.
public struct BoundaryInputs: Sendable {
  /// Attention of the last text token over the tokens present.
  public struct Relevance: Sendable {
    /// [tokens].
    public let scores: [Float]
    /// FLOPs it took, 2 per multiply-add.
    public let flops: Double

    public init(scores: [Float], flops: Double) {
      self.scores = scores
      self.flops = flops
    }
  }

  /// Of every token present, in order.
  public let modalities: [Modality]
  /// Position of each token in the prompt.
  public let positions: [Int]
  /// The clip of each token, nil for text; empty where there is one clip at most.
  public let clips: [Int?]
  /// The layer that has run, counted from 1.
  public let layer: Int
  /// Computes relevance through that layer.
  public let relevance: @Sendable () -> Relevance
  /// The layer's output: [tokens, hiddenSize].
  public let hidden: @Sendable () -> Tensor

  public init(
    modalities: [Modality], positions: [Int], clips: [Int?] = [], layer: Int,
    relevance: @escaping @Sendable () -> Relevance, hidden: @escaping @Sendable () -> Tensor
  ) {
    self.modalities = modalities
    self.positions = positions
    self.clips = clips
    self.layer = layer
    self.relevance = relevance
    self.hidden = hidden
  }
}
