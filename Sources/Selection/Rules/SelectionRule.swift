/// A selection at one step of a prefill, with its ratios: part of a plan, run by the engine, stored
/// in traces. A new rule is one file and one line in `RuleList`.
///
/// Its coding keys are those of a rule in docs/trace-format.md; a value out of range is a
/// `RuleFault`. Ties have a stated order, and randomness a seed.
public protocol SelectionRule: Sendable, Equatable, Codable {
  /// Its name in traces.
  static var name: String { get }
  /// The same; for an unknown rule its name in the trace.
  var name: String { get }
  /// Keep ratios of the video and audio tokens present; 1 for a modality kept whole.
  var ratios: RetentionBudget { get }
  /// Whether predicted counts are exact; false if they may differ by a few tokens.
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
  /// A short description.
  var summary: String { get }
  /// Tokens expected to enter layer 1.
  func entering(_ prompt: PromptShape) -> ModalityCounts
  /// Chooses among the tokens of the prompt.
  /// - Throws: only what `inputs` throw.
  func select(_ inputs: EncoderInputs) throws -> RuleOutcome
}

extension EncoderRule {
  public func entering(_ prompt: PromptShape) -> ModalityCounts { prompt.counts.keeping(ratios) }
}

/// A rule applied to the output of a decoder layer.
public protocol BoundaryRule: SelectionRule {
  /// A drop by relevance, or a removal.
  var kind: DropRecord.Kind { get }
  /// τ of the softmax over temporal windows, if any.
  var temperature: Float? { get }
  /// Whether scores alone decide which tokens of a window are kept.
  var choosesByScore: Bool { get }
  /// Tokens expected to be left of `counts`.
  func leaving(_ counts: ModalityCounts) -> ModalityCounts
  /// Chooses among the tokens that the layer processed.
  /// - Throws: only what `inputs` throw.
  func select(_ inputs: BoundaryInputs) throws -> RuleOutcome
}

extension BoundaryRule {
  public var kind: DropRecord.Kind { .prune }
  public var temperature: Float? { nil }
  public var choosesByScore: Bool { true }
  public func leaving(_ counts: ModalityCounts) -> ModalityCounts { counts.keeping(ratios) }
}

extension ModalityCounts {
  /// Counts after applying keep ratios to video and audio.
  func keeping(_ ratios: RetentionBudget) -> ModalityCounts {
    with(
      video: keepCount(ratios.video, of: video), audio: keepCount(ratios.audio, of: audio))
  }
}
