import Tensors

/// A mixture of experts: a router selects the top-k experts of each token, and the layer adds their
/// weighted outputs.
struct MixtureOfExperts: Sendable {
  private let router: Linear
  private let experts: [GatedMLP]
  private let config: ExpertConfiguration

  init(
    _ width: Int, _ config: ExpertConfiguration, _ weights: Weights
  ) throws(CheckpointError) {
    self.config = config
    router = try Linear(width, config.count, weights["gate"], hasBias: false)
    var experts: [GatedMLP] = []
    for index in 0..<config.count {
      experts.append(
        try GatedMLP(width, config.intermediateSize, weights["experts"][index]))
    }
    self.experts = experts
  }

  /// Applies the experts: [tokens, width] → [tokens, width]. Their outputs are added in a fixed
  /// order.
  func callAsFunction(_ x: Tensor) -> Tensor {
    var result = Tensor.zeros(x.shape)
    let visits = visits(x)
    // Only the weights of the selected experts are read.
    for (expert, visits) in zip(experts, visits) where !visits.isEmpty { expert.readAhead() }
    for (expert, visits) in zip(experts, visits) where !visits.isEmpty {
      let rows = visits.map(\.row)
      let thought = expert(x.gatherRows(rows))
      result.addRows(thought, to: rows, weights: visits.map(\.weight))
    }
    return result
  }

  private struct Visit {
    let row: Int
    let weight: Float
  }

  /// The tokens routed to each expert, in ascending order.
  private func visits(_ x: Tensor) -> [[Visit]] {
    var shares = router(x)
    shares.applySoftmax()
    var visits = [[Visit]](repeating: [], count: experts.count)
    for row in 0..<x.rows {
      let chosen = Self.largest(config.active, of: shares.row(row))
      let sum = config.normalizesWeights ? chosen.reduce(0) { $0 + $1.share } : 1
      for choice in chosen {
        visits[choice.expert].append(Visit(row: row, weight: choice.share / sum))
      }
    }
    return visits
  }

  /// The `count` largest router weights, descending; the lowest index wins ties.
  private static func largest(
    _ count: Int, of shares: ArraySlice<Float>
  ) -> [(expert: Int, share: Float)] {
    let ranked = shares.enumerated().sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
    return ranked.prefix(count).map { (expert: $0.offset, share: $0.element) }
  }

  /// FLOPs for `tokens` tokens; a multiply-add counts 2.
  func flops(_ tokens: Int) -> Double {
    router.flops(tokens) + (experts.first?.flops(tokens) ?? 0) * Double(config.active)
  }
}
