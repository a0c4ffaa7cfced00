import Tensors

/// What a decoder layer thinks with: one network, or experts of which a token visits a few.
enum FeedForward: Sendable {
  case dense(GatedNetwork)
  case sparse(ExpertMixture)

  /// - Parameter layer: counted from 0.
  init(
    _ layer: Int, _ config: DecoderConfiguration, _ weights: Weights
  ) throws(CheckpointError) {
    if let experts = config.experts, experts.areIn(layer: layer) {
      self = .sparse(try ExpertMixture(config.hiddenSize, experts, weights))
    } else {
      self = .dense(try GatedNetwork(config.hiddenSize, config.intermediateSize, weights))
    }
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .dense(let network): network(x)
    case .sparse(let mixture): mixture(x)
    }
  }

  /// FLOPs over `tokens` tokens, 2 per multiply-add.
  func flops(_ tokens: Int) -> Double {
    switch self {
    case .dense(let network): network.flops(tokens)
    case .sparse(let mixture): mixture.flops(tokens)
    }
  }
}

/// down(silu(gate(x)) · up(x)).
struct GatedNetwork: Sendable {
  let gate, up, down: Linear

  init(_ width: Int, _ inner: Int, _ weights: Weights) throws(CheckpointError) {
    gate = try Linear(width, inner, weights["gate_proj"], hasBias: false)
    up = try Linear(width, inner, weights["up_proj"], hasBias: false)
    down = try Linear(inner, width, weights["down_proj"], hasBias: false)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    var gated = gate(x)
    gated.applySiLU()
    gated *= up(x)
    return down(gated)
  }

  func flops(_ tokens: Int) -> Double {
    [gate, up, down].reduce(0) { $0 + $1.flops(tokens) }
  }
}
