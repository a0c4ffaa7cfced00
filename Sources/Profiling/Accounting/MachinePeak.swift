import Tensors

/// The most this machine does in products of matrices, as the engine multiplies: what achieved rates
/// are compared with.
public struct MachinePeak: Sendable, Equatable, Codable {
  /// FLOPs a second of all threads together, 2 per multiply-add.
  public let flopsPerSecond: Double
  /// Threads that products may use.
  public let threads: Int
  /// What products are computed in: `f32`, `bf16` or `int8`.
  public let precision: String

  public init(flopsPerSecond: Double, threads: Int, precision: String) {
    self.flopsPerSecond = flopsPerSecond
    self.threads = threads
    self.precision = precision
  }

  /// Measures one core, on registers, and takes as many as there are threads; some 80 ms.
  /// - Returns: 0 FLOPs a second where the peak is not known.
  public static func measured(_ precision: Precision) -> MachinePeak {
    let threads = ProductThreads.count
    return MachinePeak(
      flopsPerSecond: (PeakProbe.flopsPerSecond(precision) ?? 0) * Double(threads),
      threads: threads, precision: precision.rawValue)
  }

  /// Whether rates can be compared with it.
  public var isKnown: Bool { flopsPerSecond > 0 }
}
