import Basics
import Dispatch
import Foundation

/// Seeded random weights of any shape, in bfloat16, to measure speed without downloading a model.
/// Elements depend only on the seed and the tensor's name.
///
/// Norm weights are 1 and biases 0. Matrices are uniform, with a standard deviation that preserves
/// the scale of activations.
struct RandomWeights: Sendable {
  let seed: UInt64

  /// Number of elements that one thread generates at a time.
  private static let blockCount = 1 << 16

  /// Generates the elements of a tensor in bfloat16; the bytes are valid only during `read`.
  func withBytes<Result>(
    _ name: String, shape: [Int], _ range: Range<Int>,
    _ read: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    let numbers = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: range.count)
    defer { numbers.deallocate() }
    if let constant = Self.constant(name) {
      numbers.initialize(repeating: Self.bits(constant))
    } else {
      fill(
        numbers, Self.spread(name, shape), stream: seed ^ FNV1a(name).value, from: range.lowerBound)
    }
    return read(UnsafeRawBufferPointer(numbers))
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

  private func fill(
    _ numbers: UnsafeMutableBufferPointer<UInt16>, _ spread: Float, stream: UInt64, from first: Int
  ) {
    let levels = (0..<4096).map { level in
      Self.bits(spread * Float(3).squareRoot() * ((Float(level) + 0.5) / 2048 - 1))
    }
    nonisolated(unsafe) let numbers = numbers
    let blocks = (numbers.count + Self.blockCount - 1) / Self.blockCount
    DispatchQueue.concurrentPerform(iterations: blocks) { block in
      let start = block * Self.blockCount
      levels.withUnsafeBufferPointer { levels in
        var bits: UInt64 = 0
        for index in start..<min(start + Self.blockCount, numbers.count) {
          // Each random word gives four elements of 16 bits.
          let (place, part) = ((first + index) / 4, (first + index) % 4)
          if part == 0 || index == start {
            bits = Self.mixed(stream &+ UInt64(4 * place)) >> (16 * UInt64(part))
          }
          numbers[index] = levels[Int(bits & 4095)]
          bits >>= 16
        }
      }
    }
  }

  /// The upper 16 bits of a float: rounds to bfloat16 towards zero.
  private static func bits(_ value: Float) -> UInt16 { UInt16(value.bitPattern >> 16) }

  /// The output of the SplitMix64 generator at an index of its sequence.
  private static func mixed(_ place: UInt64) -> UInt64 {
    SplitMix64.mixed(place &* SplitMix64.increment)
  }
}
