import Tensors

/// The feed-forward sublayer: dense, or a mixture of experts with top-k routing.
enum FeedForward: Sendable {
  case dense(GatedMLP)
  case sparse(MixtureOfExperts)

  /// - Parameter layer: counted from 0.
  init(
    _ layer: Int, _ config: DecoderConfiguration, _ weights: Weights
  ) throws(CheckpointError) {
    if let experts = config.experts, experts.areIn(layer: layer) {
      self = .sparse(try MixtureOfExperts(config.hiddenSize, experts, weights))
    } else {
      self = .dense(try GatedMLP(config.hiddenSize, config.intermediateSize, weights))
    }
  }

  /// Adds the output for the normalised `x` to `x`.
  func add(_ norm: RMSNorm, to x: inout Tensor) {
    switch self {
    case .dense(let network): network.add(norm.activations(x), to: &x)
    case .sparse(let mixture): x += mixture(norm(x))
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
