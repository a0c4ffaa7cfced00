import Tensors

/// The encoded tokens of one modality, before the decoder. An engine may throw its errors.
public protocol EncodedTokens: Sendable {
  /// [tokens, width], as they enter the decoder, in the order of the prompt.
  var features: Tensor { get throws }
  /// Attention received in the last encoder layer: softmax inside windows, mean over heads, sum over
  /// queries, mean over a token's units. [tokens].
  func attentionReceived(in windows: SelectionWindows) throws -> [Float]
  /// FLOPs of that statistic, 2 per multiply-add.
  func attentionFlops(in windows: SelectionWindows) -> Double
  /// Keys of the last encoder layer averaged over heads and a token's units: [tokens, headWidth].
  func keyMeans() throws -> Tensor
}

/// Inputs of an encoder rule, for one clip.
public struct EncoderInputs: Sendable {
  /// Modality of every prompt token, in order; tokens of other clips count as text.
  public let modalities: [Modality]
  /// Video tokens of one temporal grid; 0 without video.
  public let gridTokens: Int
  /// Video tokens of one row of such a grid; 0 without video.
  public let gridColumns: Int
  /// Nil if the prompt has no such tokens.
  public let video, audio: (any EncodedTokens)?

  /// - Parameter gridColumns: default: a grid is one row.
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

  /// A modality with tokens.
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

  /// An outcome that keeps these positions of video and audio, and all other tokens.
  func outcome(_ kept: [Int], flops: Double = 0) -> RuleOutcome {
    let others = modalities.indices.filter { !modalities[$0].isDroppable }
    return RuleOutcome(kept: (others + kept).sorted(), path: .windows, flops: flops)
  }
}

/// Inputs of a boundary rule, after a decoder layer.
public struct BoundaryInputs: Sendable {
  /// Attention of the last text token over the tokens present.
  public struct Relevance: Sendable {
    /// [tokens].
    public let scores: [Float]
    /// FLOPs executed, 2 per multiply-add.
    public let flops: Double

    public init(scores: [Float], flops: Double) {
      self.scores = scores
      self.flops = flops
    }
  }

  /// Modality of every token present, in order.
  public let modalities: [Modality]
  /// Position of each token in the prompt.
  public let positions: [Int]
  /// The clip of each token, nil for text; empty with at most one clip.
  public let clips: [Int?]
  /// The layer that has run, counted from 1.
  public let layer: Int
  /// Computes relevance through that layer.
  public let relevance: @Sendable () throws -> Relevance
  /// The layer's output: [tokens, hiddenSize].
  public let hidden: @Sendable () throws -> Tensor

  public init(
    modalities: [Modality], positions: [Int], clips: [Int?] = [], layer: Int,
    relevance: @escaping @Sendable () throws -> Relevance,
    hidden: @escaping @Sendable () throws -> Tensor
  ) {
    self.modalities = modalities
    self.positions = positions
    self.clips = clips
    self.layer = layer
    self.relevance = relevance
    self.hidden = hidden
  }
}
