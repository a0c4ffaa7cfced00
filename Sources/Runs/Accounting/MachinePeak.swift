import Tensors

/// Peak rate of matrix products on this machine, to compare with the rates that a run achieves.
public struct MachinePeak: Sendable, Equatable, Codable {
  /// Peak FLOPs per second of all threads together; a multiply-add counts 2.
  public let flopsPerSecond: Double
  /// Number of threads used for matrix products.
  public let threads: Int
  /// Precision of the matrix products: `f32`, `bf16` or `int8`.
  public let precision: String

  public init(flopsPerSecond: Double, threads: Int, precision: String) {
    self.flopsPerSecond = flopsPerSecond
    self.threads = threads
    self.precision = precision
  }

  /// Measures the peak of one core, with all data in registers, and multiplies it by the number of
  /// threads. Takes about 80 ms.
  /// - Returns: 0 FLOPs per second if the peak cannot be measured.
  public static func measured(_ precision: Precision) -> MachinePeak {
    let threads = ProductThreads.count
    return MachinePeak(
      flopsPerSecond: (PeakProbe.flopsPerSecond(precision) ?? 0) * Double(threads),
      threads: threads, precision: precision.rawValue)
  }

  /// Whether the peak rate is known.
  public var isKnown: Bool { flopsPerSecond > 0 }
}
