import Basics
import Tensors

/// Seeded random weights of any shape, in bfloat16, to measure speed without downloading a model.
/// Elements depend only on the seed and the tensor's name.
///
/// Norm weights are 1 and biases 0. Matrices are uniform, with a standard deviation that preserves
/// the scale of activations.
struct RandomWeights: Sendable {
  let seed: UInt64

  /// Writes a range of a tensor's elements in bfloat16, in row-major order.
  func write(
    _ name: String, shape: [Int], _ range: Range<Int>, to numbers: UnsafeMutablePointer<UInt16>
  ) {
    if let constant = Self.constant(name) {
      numbers.initialize(repeating: UInt16(constant.bitPattern >> 16), count: range.count)
    } else {
      UniformNumbers(stream: seed ^ FNV1a(name).value, deviation: Self.spread(name, shape))
        .write(range, to: numbers)
    }
  }

  private static func constant(_ name: String) -> Float? {
    if name.hasSuffix("bias") { return 0 }
    return name.contains("norm") || name.contains("ln_") ? 1 : nil
  }

  /// Standard deviation of a matrix: 1 for embeddings, √(1 / inputs) otherwise.
  private static func spread(_ name: String, _ shape: [Int]) -> Float {
    if name.contains("embed_tokens") || name.contains("pos_embed") { return 1 }
    return 1 / Float(max(1, shape.dropFirst().reduce(1, *))).squareRoot()
  }
}
