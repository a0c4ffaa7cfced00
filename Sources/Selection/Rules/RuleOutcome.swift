import Tensors

/// What a rule made of the tokens it was given. Offsets count these tokens: those of the prompt before
/// layer 1, those present after a layer.
public struct RuleOutcome: Sendable {
  /// Offsets kept, ascending, with every token that is neither video nor audio.
  public var kept: [Int]
  /// How it chose.
  public var path: DropRecord.Path
  /// Relevance of each token, as evidence for the screen; empty where none was computed.
  public var scores: [Float] = []
  /// One per temporal window that was weighed.
  public var windows: [WindowRecord] = []
  /// Dropped tokens that live on in a survivor.
  public var merges: [TokenMerge] = []
  /// Rows that changed because others were merged into them.
  public var changed: [ChangedRows] = []
  /// FLOPs executed, 2 per multiply-add.
  public var flops = 0.0
  /// What could not be met to the letter.
  public var notes: [String] = []

  public init(
    kept: [Int], path: DropRecord.Path, scores: [Float] = [], windows: [WindowRecord] = [],
    flops: Double = 0
  ) {
    self.kept = kept
    self.path = path
    self.scores = scores
    self.windows = windows
    self.flops = flops
  }
}

/// New hidden states of some tokens.
public struct ChangedRows: Sendable {
  /// Offsets, ascending.
  public let offsets: [Int]
  /// [offsets, hiddenSize].
  public let rows: Tensor

  public init(offsets: [Int], rows: Tensor) {
    self.offsets = offsets
    self.rows = rows
  }
}

extension DropRecord {
  /// What a rule made of the tokens at `before`, positions in the full prompt.
  public init(_ kind: Kind, _ outcome: RuleOutcome, before: [Int]) {
    self.init(
      kind: kind, path: outcome.path, before: before, kept: outcome.kept.map { before[$0] },
      scores: outcome.scores, windows: outcome.windows,
      merges: outcome.merges.map {
        $0.moved(to: before)
      }, notes: outcome.notes)
  }
}
