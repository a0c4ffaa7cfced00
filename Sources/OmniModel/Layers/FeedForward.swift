import Tensors

/// The feed-forward sublayer: dense, or a mixture of experts with top-k routing.
enum FeedForward: Sendable {
  case dense(GatedMLP)
  case sparse(MixtureOfExperts)

  /// Reads the weights of a layer's feed-forward sublayer.
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

  /// Applies the norm and the feed-forward sublayer to `x`, and adds the result to `x`.
  func add(_ norm: RMSNorm, to x: inout Tensor) {
    switch self {
    case .dense(let network): network.add(norm.activations(x), to: &x)
    case .sparse(let mixture): x += mixture(norm(x))
    }
  }

  /// FLOPs for `tokens` tokens; a multiply-add counts 2.
  func flops(_ tokens: Int) -> Double {
    switch self {
    case .dense(let network): network.flops(tokens)
    case .sparse(let mixture): mixture.flops(tokens)
    }
  }
}
