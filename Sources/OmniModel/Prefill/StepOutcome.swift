import Selection

/// The outcome of one step.
public struct StepOutcome: Sendable {
  public let step: PrefillStep
  /// Tokens processed, and tokens left after the drop.
  public let entering, leaving: ModalityCounts
  /// Wall time of the step itself, and of the selection after it.
  public let computeSeconds, selectionSeconds: Double
  /// FLOPs executed, 2 per multiply-add: by the step, and by the selection.
  public let executedFlops, selectionFlops: Double
  public let drop: DropRecord?
  /// Encoder times; zero in other steps.
  public var visionSeconds = 0.0
  public var audioSeconds = 0.0
  /// Attention and MLP of a layer, including norms and residuals; the rest of `computeSeconds` is
  /// outside the layer. Zero in other steps.
  public var attentionSeconds = 0.0
  public var feedForwardSeconds = 0.0
  /// The MLP's part of a layer's `executedFlops`.
  public var feedForwardFlops = 0.0
}
