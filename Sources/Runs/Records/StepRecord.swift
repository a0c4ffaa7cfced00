import OmniModel
import Selection

/// A step of the prefill, as defined by the engine.
public typealias PrefillStep = OmniModel.PrefillStep

/// Measurements of one prefill step.
public struct StepRecord: Sendable, Equatable, Codable {
  public let step: PrefillStep
  /// Token counts that the step processed.
  public let entering: ModalityCounts
  /// Token counts left after the step and its drop.
  public let leaving: ModalityCounts
  /// Wall time of the step in milliseconds, without the selection after it.
  public let milliseconds: Double
  /// Parts of `milliseconds` in a decoder layer: attention and MLP, each with its norm and
  /// residual; 0 in other steps.
  public let attentionMilliseconds, feedForwardMilliseconds: Double
  /// Parts of `milliseconds` in the encoder step; 0 in other steps, or if unknown.
  public var visionMilliseconds = 0.0
  public var audioMilliseconds = 0.0
  /// Source of the encoder outputs in the encoder step: computed or from the cache; `computed` in
  /// other steps.
  public var visionSource = EncoderSource.computed
  public var audioSource = EncoderSource.computed
  /// Wall time of the selection after the step, in milliseconds.
  public let selectionMilliseconds: Double
  /// Bytes of the KV cache of all layers so far, after this step's drop; nil if unknown.
  public let keyValueBytes: Int?
  /// Resident memory of the process after the step, in bytes; nil if unknown.
  public var residentBytes: Int?
  /// FLOPs counted like in the paper's figures; 0 for steps that it does not count, nil if decoder
  /// sizes are unknown.
  public let referenceFlops: Double?
  /// FLOPs executed by step and selection, 2 per multiply-add; nil if unknown.
  public let executedFlops: Double?
  /// Parts of `executedFlops`: the MLP of a layer, and the selection after the step.
  public let feedForwardFlops, selectionFlops: Double
  /// The drop after this step; nil if there is none.
  public let drop: DropRecord?

  /// Time of a layer outside attention and MLP, in milliseconds: gathering kept rows, checks.
  public var restMilliseconds: Double {
    milliseconds - attentionMilliseconds - feedForwardMilliseconds
  }

  /// Whether tokens were dropped whose positions the trace does not contain.
  public var dropsUnknownTokens: Bool { drop == nil && leaving != entering }

  /// Time of the step and its selection, in milliseconds.
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

/// Source of an encoder's outputs.
public enum EncoderSource: String, Sendable, Codable, CaseIterable {
  case computed
  /// Outputs from the cache or from memory; their times are reading times.
  case cached
  /// Outputs of several media, some computed and some not.
  case mixed

  init(_ use: EncoderUse) {
    let isThere = use.read + use.held > 0
    self = use.computed == 0 ? (isThere ? .cached : .computed) : (isThere ? .mixed : .computed)
  }

  /// Text next to an encoder time; nil if the outputs were computed.
  public var words: String? {
    switch self {
    case .computed: nil
    case .cached: "from cache"
    case .mixed: "partly from cache"
    }
  }
}

extension StepRecord {
  /// Text next to the encoder times, such as `from cache` or `audio from cache`; nil if the outputs
  /// were computed.
  public var encoderSources: String? {
    if visionSource == audioSource { return visionSource.words }
    let parts = [("vision", visionSource), ("audio", audioSource)].compactMap { name, source in
      source.words.map { "\(name) \($0)" }
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

extension Sequence<StepRecord> {
  /// The records of decoder layers only.
  public var layers: [StepRecord] { filter(\.step.isLayer) }
}

extension Sequence {
  /// The sum of a value over all elements; nil if the value of any element is unknown.
  public func knownSum(_ value: (Element) -> Double?) -> Double? {
    var sum = 0.0
    for element in self {
      guard let term = value(element) else { return nil }
      sum += term
    }
    return sum
  }
}
