import Tensors

/// The projections of a vision block to queries, keys and values: three matrices `q`, `k` and `v`,
/// or one `qkv` with their rows in this order. All have biases.
struct VisionProjections: Sendable {
  private let parts: [Linear]
  private let width: Int

  init(_ width: Int, isJoined: Bool, _ attention: Weights) throws(CheckpointError) {
    self.width = width
    if isJoined {
      parts = [try Linear(width, 3 * width, attention["qkv"], hasBias: true)]
    } else {
      var parts: [Linear] = []
      for name in ["q", "k", "v"] {
        parts.append(try Linear(width, width, attention[name], hasBias: true))
      }
      self.parts = parts
    }
  }

  /// Computes queries, keys and values.
  /// - Parameter x: normalised hidden states, [rows, width].
  func callAsFunction(_ x: Activations, into inputs: inout AttentionInputs) {
    guard parts.count == 1 else {
      parts[0](x, into: &inputs.queries)
      parts[1](x, into: &inputs.keys)
      parts[2](x, into: &inputs.values)
      return
    }
    let projected = parts[0](x)
    inputs.queries = projected.columns(0..<width)
    inputs.keys = projected.columns(width..<2 * width)
    inputs.values = projected.columns(2 * width..<3 * width)
  }

  /// FLOPs for `rows` rows; a multiply-add counts 2.
  func flops(_ rows: Int) -> Double { parts.reduce(0) { $0 + $1.flops(rows) } }
}
