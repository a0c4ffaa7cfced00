import OmniModel
import Selection

/// Alias of the engine's type.
public typealias PrefillStep = OmniModel.PrefillStep

/// The record of one prefill step.
public struct StepRecord: Sendable, Equatable, Codable {
  public let step: PrefillStep
  /// Tokens processed.
  public let entering: ModalityCounts
  /// Tokens left after the step and its drop.
  public let leaving: ModalityCounts
  /// Wall time of the step's own computation, selection excluded.
  public let milliseconds: Double
  /// Parts of `milliseconds` in a decoder layer: attention and feed-forward, each with its norm and
  /// residual; 0 in other steps.
  public let attentionMilliseconds, feedForwardMilliseconds: Double
  /// Parts of `milliseconds` in the encoders; 0 in other steps, or if unknown.
  public var visionMilliseconds = 0.0
  public var audioMilliseconds = 0.0
  /// Wall time of the selection that followed it.
  public let selectionMilliseconds: Double
  /// Bytes of keys and values of all layers so far, after this step's drop; nil if unknown.
  public let keyValueBytes: Int?
  /// Resident memory of the process after the step; nil if unknown.
  public var residentBytes: Int?
  /// FLOPs in the convention of the paper's figures; 0 for steps it does not count, nil if decoder
  /// sizes are unknown.
  public let referenceFlops: Double?
  /// FLOPs executed, 2 per multiply-add, selection included; nil if unknown.
  public let executedFlops: Double?
  /// Parts of `executedFlops`: the MLP of a layer, and the selection after a step.
  public let feedForwardFlops, selectionFlops: Double
  /// The selection after this step, if any.
  public let drop: DropRecord?

  /// Time of a layer outside attention and MLP: gathering survivors, checks.
  public var restMilliseconds: Double {
    milliseconds - attentionMilliseconds - feedForwardMilliseconds
  }

  /// Whether tokens were dropped that the trace does not name.
  public var dropsUnknownTokens: Bool { drop == nil && leaving != entering }

  /// Time of the step and its selection.
  public var totalMilliseconds: Double { milliseconds + selectionMilliseconds }

  public init(
    step: PrefillStep, entering: ModalityCounts, leaving: ModalityCounts, milliseconds: Double,
    attentionMilliseconds: Double = 0, feedForwardMilliseconds: Double = 0,
    selectionMilliseconds: Double, keyValueBytes: Int?, referenceFlops: Double?,
    executedFlops: Double?, feedForwardFlops: Double = 0, selectionFlops: Double = 0,
    drop: DropRecord?
  ) {
    self.step = step
    self.entering = entering
    self.leaving = leaving
    self.milliseconds = milliseconds
    self.attentionMilliseconds = attentionMilliseconds
    self.feedForwardMilliseconds = feedForwardMilliseconds
    self.selectionMilliseconds = selectionMilliseconds
    self.keyValueBytes = keyValueBytes
    self.referenceFlops = referenceFlops
    self.executedFlops = executedFlops
    self.feedForwardFlops = feedForwardFlops
    self.selectionFlops = selectionFlops
    self.drop = drop
  }
}

extension Sequence<StepRecord> {
  /// Those of decoder layers.
  public var layers: [StepRecord] { filter(\.step.isLayer) }
}

extension Sequence {
  /// The sum over all elements; nil if unknown for any.
  public func knownSum(_ value: (Element) -> Double?) -> Double? {
    var sum = 0.0
    for element in self {
      guard let term = value(element) else { return nil }
      sum += term
    }
    return sum
  }
}
