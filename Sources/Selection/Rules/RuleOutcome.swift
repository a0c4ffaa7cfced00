import Tensors

/// The result of a rule. Offsets are indices into its input tokens: those of the prompt before
/// layer 1, those present after a layer.
public struct RuleOutcome: Sendable {
  /// Offsets kept, ascending, with every token that is neither video nor audio.
  public var kept: [Int]
  /// How tokens were chosen.
  public var path: DropRecord.Path
  /// Relevance of each token, for display; empty if not computed.
  public var scores: [Float] = []
  /// One per weighted temporal window.
  public var windows: [WindowRecord] = []
  /// Dropped tokens that were merged into survivors.
  public var merges: [TokenMerge] = []
  /// Rows changed by merging.
  public var changed: [ChangedRows] = []
  /// FLOPs executed, 2 per multiply-add.
  public var flops = 0.0
  /// Notes on requests that could not be met exactly.
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
  /// The record of an outcome for the tokens at `before`, positions in the full prompt.
  public init(_ kind: Kind, _ outcome: RuleOutcome, before: [Int]) {
    self.init(
      kind: kind, path: outcome.path, before: before, kept: outcome.kept.map { before[$0] },
      scores: outcome.scores, windows: outcome.windows,
      merges: outcome.merges.map {
        $0.moved(to: before)
      }, notes: outcome.notes)
  }
}
