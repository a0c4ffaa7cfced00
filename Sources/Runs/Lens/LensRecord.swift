import OmniModel

/// Shares of attention by modality, as defined in the prefill.
public typealias ModalityShares = OmniModel.ModalityShares

/// What the lens shows after one layer.
public struct LensRecord: Sendable, Equatable, Codable {
  /// Counted from 1.
  public let layer: Int
  /// The next token if the model ended here; nil if it was not predicted.
  public var prediction: Prediction?
  /// Attention of the next token's row in the layer; nil if it was not computed.
  public var attention: Attention?

  public init(layer: Int, prediction: Prediction? = nil, attention: Attention? = nil) {
    self.layer = layer
    self.prediction = prediction
    self.attention = attention
  }

  /// Time in milliseconds, and FLOPs (2 per multiply-add); a shared product is divided evenly.
  public var milliseconds: Double {
    (prediction?.cost.milliseconds ?? 0) + (attention?.cost.milliseconds ?? 0)
  }
  public var flops: Double { (prediction?.cost.flops ?? 0) + (attention?.cost.flops ?? 0) }
}

extension LensRecord {
  public struct Cost: Sendable, Equatable, Codable {
    public let milliseconds, flops: Double

    public init(milliseconds: Double, flops: Double) {
      (self.milliseconds, self.flops) = (milliseconds, flops)
    }
  }

  /// The next-token distribution that the final norm and the output head give.
  public struct Prediction: Sendable, Equatable, Codable {
    public struct Candidate: Sendable, Equatable, Codable {
      public let id: Int
      public let text: String
      public let probability: Double

      public init(id: Int, text: String, probability: Double) {
        (self.id, self.text, self.probability) = (id, text, probability)
      }
    }

    /// The most likely tokens, best first; not empty.
    public let best: [Candidate]
    /// Entropy in nats.
    public let entropy: Double
    /// KL(final ‖ this) in nats; nil until the head has run.
    public var divergence: Double?
    public let cost: Cost

    public init(best: [Candidate], entropy: Double, divergence: Double?, cost: Cost) {
      self.best = best
      self.entropy = entropy
      self.divergence = divergence
      self.cost = cost
    }
  }

  /// Attention by modality: shares of text, image, video and audio.
  public struct Attention: Sendable, Equatable, Codable {
    /// Mean over heads.
    public let mean: ModalityShares
    /// Maximum over heads, of each modality by itself.
    public let most: ModalityShares
    /// Of each head; empty if not kept.
    public let heads: [ModalityShares]
    public let cost: Cost

    public init(
      mean: ModalityShares, most: ModalityShares, heads: [ModalityShares], cost: Cost
    ) {
      self.mean = mean
      self.most = most
      self.heads = heads
      self.cost = cost
    }

    /// Mean and maximum of some heads, at least one.
    public init(_ heads: [ModalityShares], keepsHeads: Bool, _ cost: Cost) {
      func each(_ combine: ([Double]) -> Double) -> ModalityShares {
        func one(_ share: KeyPath<ModalityShares, Double>) -> Double {
          combine(heads.map { $0[keyPath: share] })
        }
        return ModalityShares(
          text: one(\.text), image: one(\.image), video: one(\.video), audio: one(\.audio))
      }
      self.init(
        mean: each { $0.reduce(0, +) / Double(max(1, $0.count)) }, most: each { $0.max() ?? 0 },
        heads: keepsHeads ? heads : [], cost: cost)
    }
  }
}

/// Changed records of a lens.
public struct LensUpdate: Sendable, Equatable {
  public let choice: LensChoice
  /// What the lens leaves out.
  public let notes: [String]
  /// New records; each replaces that of the same layer.
  public let records: [LensRecord]

  public init(choice: LensChoice, notes: [String], records: [LensRecord]) {
    (self.choice, self.notes, self.records) = (choice, notes, records)
  }
}

/// The lens of a run so far.
public struct LensHistory: Sendable, Equatable {
  /// The choice of the run; nil if unknown.
  public private(set) var choice: LensChoice?
  public private(set) var notes: [String] = []
  private var byLayer: [Int: LensRecord] = [:]

  public init() {}

  /// Records in the order of layers.
  public var records: [LensRecord] { byLayer.values.sorted { $0.layer < $1.layer } }
  public var isEmpty: Bool { byLayer.isEmpty }

  public subscript(layer: Int) -> LensRecord? { byLayer[layer] }

  public mutating func apply(_ update: LensUpdate) {
    (choice, notes) = (update.choice, update.notes)
    for record in update.records { byLayer[record.layer] = record }
  }

  /// Removes what belongs to undone steps.
  /// - Parameters:
  ///   - steps: number of finished steps that remain.
  ///   - layers: number of decoder layers.
  public mutating func rewind(toSteps steps: Int, layers: Int) {
    byLayer = byLayer.filter { $0.key <= steps - 2 }
    guard steps < PrefillStep.count(layers: layers) else { return }
    for layer in byLayer.keys { byLayer[layer]?.prediction?.divergence = nil }
  }

  /// The records of the first steps of a run, as they are when only these steps have run.
  public func records(ofSteps steps: Int, layers: Int) -> [LensRecord] {
    var history = self
    history.rewind(toSteps: steps, layers: layers)
    return history.records
  }

  /// Time in milliseconds and FLOPs of all records.
  public var cost: LensRecord.Cost {
    LensRecord.Cost(
      milliseconds: byLayer.values.reduce(0) { $0 + $1.milliseconds },
      flops: records.reduce(0) { $0 + $1.flops })
  }

  /// The first layer from which on every prediction is the last one's; nil before the last layer's
  /// is known.
  public func answerLayer(layers: Int) -> Int? { records.answerLayer(layers: layers) }
}

extension [LensRecord] {
  /// The first layer from which on every prediction is that after the last layer; nil if that is
  /// not there.
  public func answerLayer(layers: Int) -> Int? {
    let predicted = filter { $0.prediction != nil }
    guard let last = predicted.last, last.layer == layers, let id = last.prediction?.best.first?.id
    else { return nil }
    return predicted.reversed().prefix { $0.prediction?.best.first?.id == id }.last?.layer
  }
}
