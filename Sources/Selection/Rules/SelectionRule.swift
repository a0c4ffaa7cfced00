/// How tokens are chosen at one place of a prefill, with its ratios: a value that a plan holds, an
/// engine runs and a trace carries. A new rule is one file and one line in `RuleList`.
///
/// Its coding keys are those of a rule in docs/trace-format.md; a value out of bounds is a
/// `RuleFault`. Ties have a stated order, and randomness a seed.
public protocol SelectionRule: Sendable, Equatable, Codable {
  /// Its name in traces.
  static var name: String { get }
  /// The same; that of the trace, where the rule is of another program.
  var name: String { get }
  /// Shares of the video and audio tokens present that it keeps; 1 where a modality stays whole.
  var ratios: RetentionBudget { get }
  /// Counts expected before it runs are exact; false where they may shift by a few tokens.
  var isExact: Bool { get }
  /// Modalities of which it keeps a uniformly random share.
  var randomModalities: Set<Modality> { get }
}

extension SelectionRule {
  public var name: String { Self.name }
  public var isExact: Bool { true }
  public var randomModalities: Set<Modality> { [] }

  func isEqual(to other: any SelectionRule) -> Bool { other as? Self == self }
}

/// A rule applied between the encoders and layer 1.
public protocol EncoderRule: SelectionRule {
  /// How it chooses, in a few words: `what changes from grid to grid`.
  var summary: String { get }
  /// Tokens expected to enter layer 1.
  func entering(_ prompt: PromptShape) -> ModalityCounts
  /// Chooses among the tokens of the prompt.
  func select(_ inputs: EncoderInputs) -> RuleOutcome
}

extension EncoderRule {
  public func entering(_ prompt: PromptShape) -> ModalityCounts { prompt.counts.keeping(ratios) }
}

/// A rule applied to the output of a decoder layer.
public protocol BoundaryRule: SelectionRule {
  /// A choice by relevance, or a removal.
  var kind: DropRecord.Kind { get }
  /// τ of the softmax that weighs temporal windows, where there is one.
  var temperature: Float? { get }
  /// Scores alone decide which tokens of a window stay; false where something else does too.
  var choosesByScore: Bool { get }
  /// Tokens expected to be left of `counts`.
  func leaving(_ counts: ModalityCounts) -> ModalityCounts
  /// Chooses among the tokens that the layer processed.
  func select(_ inputs: BoundaryInputs) -> RuleOutcome
}

extension BoundaryRule {
  public var kind: DropRecord.Kind { .prune }
  public var temperature: Float? { nil }
  public var choosesByScore: Bool { true }
  public func leaving(_ counts: ModalityCounts) -> ModalityCounts { counts.keeping(ratios) }
}

extension ModalityCounts {
  /// What is left of the video and audio tokens under shares to keep.
  func keeping(_ ratios: RetentionBudget) -> ModalityCounts {
    with(
      video: keepCount(ratios.video, of: video), audio: keepCount(ratios.audio, of: audio))
  }
}
