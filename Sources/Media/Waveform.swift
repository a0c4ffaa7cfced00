/// Mono audio at 16 kHz.
public struct Waveform: Sendable, Equatable {
  /// Samples per second.
  public static let sampleRate = 16_000

  /// Audio samples, all finite. Full scale is [-1, 1]; larger values of float files are kept.
  public let samples: [Float]

  public init(samples: [Float]) {
    self.samples = samples
  }

  /// Audio samples per second, always 16 000.
  public var sampleRate: Int { Self.sampleRate }
  public var seconds: Double { Double(samples.count) / Double(Self.sampleRate) }
}
