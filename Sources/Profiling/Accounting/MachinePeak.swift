import Tensors

/// Peak rate of the engine's matrix products on this machine, for comparison with achieved rates.
public struct MachinePeak: Sendable, Equatable, Codable {
  /// FLOPs per second of all threads, 2 per multiply-add.
  public let flopsPerSecond: Double
  /// Number of threads of products.
  public let threads: Int
  /// Precision of products: `f32`, `bf16` or `int8`.
  public let precision: String

  public init(flopsPerSecond: Double, threads: Int, precision: String) {
    self.flopsPerSecond = flopsPerSecond
    self.threads = threads
    self.precision = precision
  }

  /// Measures one core, on registers, times the number of threads; takes about 80 ms.
  /// - Returns: 0 FLOPs per second if unknown.
  public static func measured(_ precision: Precision) -> MachinePeak {
    let threads = ProductThreads.count
    return MachinePeak(
      flopsPerSecond: (PeakProbe.flopsPerSecond(precision) ?? 0) * Double(threads),
      threads: threads, precision: precision.rawValue)
  }

  /// Whether the peak is known.
  public var isKnown: Bool { flopsPerSecond > 0 }
}
