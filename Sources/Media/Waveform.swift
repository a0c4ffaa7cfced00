/// Sound: one channel at 16 kHz.
public struct Waveform: Sendable, Equatable {
  /// The only rate there is, in samples per second.
  public static let sampleRate = 16_000

  /// All finite; full scale is [-1, 1], and what a float file holds beyond it is kept.
  public let samples: [Float]

  public init(samples: [Float]) {
    self.samples = samples
  }

  /// Samples per second, always 16 000.
  public var sampleRate: Int { Self.sampleRate }
  public var seconds: Double { Double(samples.count) / Double(Self.sampleRate) }
}
