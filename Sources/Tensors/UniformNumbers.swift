import CKernels

/// Pseudorandom numbers by index: any part of the stream can be generated independently.
public struct UniformNumbers: Sendable {
  private let stream: UInt64
  private let scale: Float

  /// Creates a stream of uniformly distributed numbers.
  /// - Parameter deviation: standard deviation of the numbers.
  public init(stream: UInt64, deviation: Float) {
    self.stream = stream
    scale = deviation * Float(3).squareRoot()
  }

  /// Writes the numbers `range` of the stream as bfloat16, rounded towards zero.
  public func write(_ range: Range<Int>, to numbers: UnsafeMutablePointer<UInt16>) {
    kernel_random_bf16(
      stream, UInt64(range.lowerBound), range.count, scale, numbers)
  }
}
