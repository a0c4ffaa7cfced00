import Selection

/// The families of thinkers that are known, and what differs between them outside their weights.
public enum ModelFamily: String, Sendable, Equatable, CaseIterable, Codable {
  /// Qwen2.5-Omni. Video and audio alternate in chunks; times are whole numbers; the two opening
  /// markers share a position, and so do the two closing ones.
  case qwen25 = "Qwen2.5-Omni"
  /// Qwen3-Omni. Video and audio are merged token by token; times keep their fractions; markers are
  /// counted one by one.
  case qwen3 = "Qwen3-Omni"

  /// τ of SEATS for this family.
  public var windowTemperature: Float { self == .qwen25 ? 0.1 : 0.3 }

  /// What a nominal retention stands for.
  public var retentionPairs: RetentionPairs { self == .qwen25 ? .qwen25 : .qwen3 }

  /// Seconds that the published processor takes a temporal grid for when it is not told the rate.
  public var publishedSecondsPerGrid: Double { self == .qwen25 ? 1 : 2 }

  /// Pixels along the side of a token in the published models.
  public var publishedTokenSide: Int { self == .qwen25 ? 28 : 32 }

  /// What the chat template says when no system text is given; nil says nothing.
  var defaultSystem: String? { self == .qwen25 ? "You are a helpful assistant." : nil }

  /// Audio encoder units in a second of a statistic window, as the SEATS reference counts them.
  var audioUnitsPerSecond: Int { self == .qwen25 ? 50 : 26 }

  /// `position_id_per_seconds` of the configuration class, which both families share.
  static let defaultPositionsPerSecond = 25

  /// Positions in a second by which the published processor interleaves video and sound, whatever
  /// `position_id_per_seconds` of the configuration says; also the audio tokens of a second.
  var interleavedPositionsPerSecond: Int { self == .qwen25 ? 25 : 13 }

  /// Seconds of a chunk in which it interleaves them, whatever `seconds_per_chunk` says.
  static let interleavedSecondsPerChunk = 2.0

  /// Drop layers and late layer published for the family's model of this depth: 16-18-20 and 24 for
  /// Qwen2.5-Omni-7B, 27-31-35 and 40 for Qwen3-Omni-30B-A3B.
  func publishedDrops(layers: Int) -> PublishedDrops? {
    switch (self, layers) {
    case (.qwen25, 28): PublishedDrops(dropLayers: [16, 18, 20], lateLayer: 24)
    case (.qwen3, 48): PublishedDrops(dropLayers: [27, 31, 35], lateLayer: 40)
    default: nil
    }
  }
}
