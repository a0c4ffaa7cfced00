/// How much of the lens is computed: next-token predictions and attention by modality per layer.
public enum LensChoice: String, Sendable, Equatable, Codable, CaseIterable {
  case off
  /// Predictions after every layer, and attention by modality: mean and maximum over heads.
  case summary
  /// The same as they are run, and the attention of every head.
  case full
  /// As much of `full` as costs at most 2 % of the prefill by an estimate.
  case auto
}

/// What the lens of a run computes, decided before the run from sizes only, so that equal runs have
/// equal lenses.
public struct LensPlan: Sendable, Equatable {
  public let choice: LensChoice
  /// Layers after which the next token is predicted, ascending.
  public let predictionLayers: [Int]
  public let hasAttention: Bool
  /// Whether the attention of every head is kept.
  public let hasHeads: Bool
  /// Whether predictions are made while layers run, each with a product of its own; otherwise in
  /// one product when the run stops.
  public let isLive: Bool
  /// Estimated cost as a share of the prefill's.
  public let share: Double
  /// What `auto` leaves out, for the log; empty if nothing.
  public let notes: [String]

  /// Maximum share of the prefill's cost that `auto` spends.
  static let mostShare = 0.02
  /// Number of most likely tokens that are kept per layer.
  static let candidates = 5

  static let off = LensPlan(.off, layers: [], isLive: false, hasAttention: false, share: 0)

  private init(
    _ choice: LensChoice, layers: [Int], isLive: Bool, hasAttention: Bool, share: Double,
    notes: [String] = []
  ) {
    self.choice = choice
    predictionLayers = layers
    self.isLive = isLive
    self.hasAttention = hasAttention
    hasHeads = hasAttention && choice != .summary
    self.share = share
    self.notes = notes
  }

  /// Plans the lens of a run.
  /// - Parameter cost: estimated costs of the run's prefill and of lenses.
  public init(_ choice: LensChoice, _ cost: LensCost) {
    let all = Array(stride(from: 1, through: cost.layers, by: 1))
    switch choice {
    case .off: self = .off
    case .summary:
      self.init(
        .summary, layers: all, isLive: false, hasAttention: true,
        share: cost.share(predictions: all.count, isLive: false, hasAttention: true))
    case .full:
      self.init(
        .full, layers: all, isLive: true, hasAttention: true,
        share: cost.share(predictions: all.count, isLive: true, hasAttention: true))
    case .auto: self = Self.automatic(cost, all)
    }
  }

  /// The most of the lens that costs at most `mostShare` of the prefill.
  private static func automatic(_ cost: LensCost, _ all: [Int]) -> LensPlan {
    func plan(every step: Int, isLive: Bool) -> LensPlan {
      // The last layer is among them.
      let layers = all.filter { (all.count - $0) % step == 0 }
      let note = "the lens predicts the next token after every \(ordinal(step)) layer only: "
      return LensPlan(
        .auto, layers: layers, isLive: isLive, hasAttention: true,
        share: cost.share(predictions: layers.count, isLive: isLive, hasAttention: true),
        notes: step == 1 ? [] : [note + reason(cost, all)])
    }
    var plans = [plan(every: 1, isLive: true)]
    for step in [1, 2, 4, 8] where step == 1 || step < all.count {
      plans.append(plan(every: step, isLive: false))
    }
    plans.append(
      LensPlan(
        .auto, layers: [], isLive: false, hasAttention: true,
        share: cost.share(predictions: 0, isLive: false, hasAttention: true),
        notes: ["the lens does not predict the next token: " + reason(cost, all)]))
    return plans.first { $0.share <= mostShare }
      ?? LensPlan(
        .auto, layers: [], isLive: false, hasAttention: false, share: 0,
        notes: ["the lens is off: " + reason(cost, all)])
  }

  private static func ordinal(_ step: Int) -> String { step == 2 ? "2nd" : "\(step)th" }

  private static func reason(_ cost: LensCost, _ all: [Int]) -> String {
    let share = cost.share(predictions: all.count, isLive: false, hasAttention: true)
    let percent = (share * 1000).rounded() / 10
    return "all of it would take about \(percent) % of the prefill (--lens summary)"
  }
}
