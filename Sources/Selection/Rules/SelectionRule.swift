/// A token selection at one step of a prefill, with its keep ratios: part of a plan, run by the
/// engine, stored in traces. A new rule is one file and one line in `RuleList`.
///
/// The coding keys are those of a rule in docs/trace-format.md; a value out of range throws
/// `RuleFault`. Ties are resolved in a documented order, and random choices have a seed.
public protocol SelectionRule: Sendable, Equatable, Codable {
  /// Name of the rule in traces.
  static var name: String { get }
  /// Name of the rule in traces; for an unknown rule the name in the file.
  var name: String { get }
  /// Keep ratios of the remaining video and audio tokens; 1 for a modality that is kept completely.
  var ratios: RetentionBudget { get }
  /// Whether predicted token counts are exact; false if they may differ by a few tokens.
  var isExact: Bool { get }
  /// Modalities of which the rule keeps a uniformly random share.
  var randomModalities: Set<Modality> { get }
}

extension SelectionRule {
  public var name: String { Self.name }
  public var isExact: Bool { true }
  public var randomModalities: Set<Modality> { [] }

  func isEqual(to other: any SelectionRule) -> Bool { other as? Self == self }
}

/// A rule applied between the encoders and layer 1 (Stage I).
public protocol EncoderRule: SelectionRule {
  /// Short description of the rule.
  var summary: String { get }
  /// Expected token counts that enter layer 1.
  func entering(_ prompt: PromptShape) -> ModalityCounts
  /// What `select` reads of the encoded tokens of a modality. An engine in another process may send these values
  /// ahead; others are still read when `select` asks for them.
  func needs(_ modality: Modality) -> [EncoderNeed]
  /// Selects tokens of the prompt.
  /// - Throws: only errors that `inputs` throw.
  func select(_ inputs: EncoderInputs) throws -> RuleOutcome
  /// Selects tokens of each clip of a prompt; by default each clip separately.
  func select(each clips: [EncoderInputs]) throws -> RuleOutcome
  /// Expected token counts of all clips that enter layer 1; by default each clip separately.
  func entering(each prompt: PromptShape) -> ModalityCounts
}

extension EncoderRule {
  public func needs(_ modality: Modality) -> [EncoderNeed] { [] }
  public func entering(_ prompt: PromptShape) -> ModalityCounts { prompt.counts.keeping(ratios) }
}

/// A rule applied to the output of a decoder layer.
public protocol BoundaryRule: SelectionRule {
  /// Kind of the drop: by relevance, or a removal.
  var kind: DropRecord.Kind { get }
  /// Temperature τ of the softmax over temporal windows; nil if the rule has none.
  var temperature: Float? { get }
  /// Whether relevance scores alone determine which tokens of a window are kept.
  var choosesByScore: Bool { get }
  /// Expected token counts that are left of `counts`.
  func leaving(_ counts: ModalityCounts) -> ModalityCounts
  /// What `select` reads of the layer's output.
  var need: BoundaryNeed { get }
  /// Selects among the tokens that the layer processed.
  /// - Throws: only errors that `inputs` throw.
  func select(_ inputs: BoundaryInputs) throws -> RuleOutcome
}

extension BoundaryRule {
  public var kind: DropRecord.Kind { .prune }
  public var temperature: Float? { nil }
  public var choosesByScore: Bool { true }
  public var need: BoundaryNeed { .relevance }
  public func leaving(_ counts: ModalityCounts) -> ModalityCounts { counts.keeping(ratios) }
}

extension ModalityCounts {
  /// Token counts after keep ratios are applied to video and audio.
  func keeping(_ ratios: RetentionBudget) -> ModalityCounts {
    with(
      video: keepCount(ratios.video, of: video), audio: keepCount(ratios.audio, of: audio))
  }
}
