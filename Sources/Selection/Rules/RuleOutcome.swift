import Tensors

/// The result of a selection rule. Offsets are indices into the rule's input tokens: those of the
/// prompt before layer 1, the remaining ones after a layer.
public struct RuleOutcome: Sendable {
  /// Offsets of the kept tokens, ascending, including all tokens that are neither video nor audio.
  public var kept: [Int]
  /// How tokens were selected.
  public var path: DropRecord.Path
  /// Relevance of each token, for display; empty if not computed.
  public var scores: [Float] = []
  /// Weights and budgets of temporal windows, if the rule uses windows.
  public var windows: [WindowRecord] = []
  /// Dropped tokens that were merged into kept ones.
  public var merges: [TokenMerge] = []
  /// New hidden states of tokens into which others were merged.
  public var changed: [ChangedRows] = []
  /// FLOPs executed by the rule; a multiply-add counts 2.
  public var flops = 0.0
  /// Notes on settings that the rule could not meet exactly.
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

extension DropRecord {
  /// Creates the record of a rule's result.
  /// - Parameter before: prompt positions of the rule's input tokens.
  public init(_ kind: Kind, _ outcome: RuleOutcome, before: [Int]) {
    self.init(
      kind: kind, path: outcome.path, before: before, kept: outcome.kept.map { before[$0] },
      scores: outcome.scores, windows: outcome.windows,
      merges: outcome.merges.map {
        $0.moved(to: before)
      }, notes: outcome.notes)
  }
}
