import OmniModel
import Selection

/// The steps of a prefill, by the engine's own names.
public typealias PrefillStep = OmniModel.PrefillStep

/// What one step of a prefill did.
public struct StepRecord: Sendable, Equatable, Codable {
  public let step: PrefillStep
  /// Tokens the step processed.
  public let entering: ModalityCounts
  /// Tokens left after the step and its drop.
  public let leaving: ModalityCounts
  /// Wall time of the step's own computation, selection excluded.
  public let milliseconds: Double
  /// Parts of `milliseconds` in a decoder layer: attention and feed-forward, each with its norm and
  /// residual; 0 in other steps.
  public let attentionMilliseconds, feedForwardMilliseconds: Double
  /// Parts of `milliseconds` in the encoders; 0 in other steps, or where they are not known.
  public var visionMilliseconds = 0.0
  public var audioMilliseconds = 0.0
  /// Wall time of the selection that followed it.
  public let selectionMilliseconds: Double
  /// Bytes of keys and values held by all layers run so far, after this step's drop; nil where they
  /// are not known.
  public let keyValueBytes: Int?
  /// Memory of the whole process after the step; nil where it is not known.
  public var residentBytes: Int?
  /// FLOPs in the convention of the paper's figures; 0 for steps it does not count, nil where the
  /// sizes of the decoder are not known.
  public let referenceFlops: Double?
  /// FLOPs executed, 2 per multiply-add, selection included; nil where they are not known.
  public let executedFlops: Double?
  /// Parts of `executedFlops`: the feed-forward half of a layer, and the selection after a step.
  public let feedForwardFlops, selectionFlops: Double
  /// The selection after this step, where the plan has one.
  public let drop: DropRecord?

  /// What a layer spends outside its two halves: gathering survivors, checking for infinities.
  public var restMilliseconds: Double {
    milliseconds - attentionMilliseconds - feedForwardMilliseconds
  }

  /// Tokens were dropped after this step, and the trace does not say which.
  public var dropsUnknownTokens: Bool { drop == nil && leaving != entering }

  /// The step and its selection.
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

extension Sequence {
  /// The sum of a value over all elements; nil where it is unknown for any of them.
  public func knownSum(_ value: (Element) -> Double?) -> Double? {
    var sum = 0.0
    for element in self {
      guard let term = value(element) else { return nil }
      sum += term
    }
    return sum
  }
}
