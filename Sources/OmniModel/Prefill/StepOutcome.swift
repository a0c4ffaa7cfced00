import Selection

/// Measurements of one finished prefill step: tokens, time, FLOPs and the drop.
public struct StepOutcome: Sendable {
  public let step: PrefillStep
  /// Token counts that the step processed, and that are left after its drop.
  public let entering, leaving: ModalityCounts
  /// Wall time of the step itself, and of the selection after it, in seconds.
  public let computeSeconds, selectionSeconds: Double
  /// FLOPs executed by the step, and by the selection; a multiply-add counts 2.
  public let executedFlops, selectionFlops: Double
  public let drop: DropRecord?
  /// Sources and times of the encoders' outputs; zero in other steps.
  public var vision = EncoderUse()
  public var audio = EncoderUse()
  public var visionSeconds: Double { vision.seconds }
  public var audioSeconds: Double { audio.seconds }
  /// Seconds of a layer's attention and MLP, including norms and residuals; the rest of
  /// `computeSeconds` is outside the layer. 0 for other steps.
  public var attentionSeconds = 0.0
  public var feedForwardSeconds = 0.0
  /// The MLP's share of a layer's `executedFlops`.
  public var feedForwardFlops = 0.0
}
