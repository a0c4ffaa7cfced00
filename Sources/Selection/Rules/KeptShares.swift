/// Shares of the tokens present that a rule keeps. A modality without one stays whole.
public struct KeptShares: Sendable, Equatable {
  public var video, audio: Double?
  /// A uniformly random share of audio instead.
  public var randomAudio: RandomShare?

  public init(video: Double? = nil, audio: Double? = nil, randomAudio: RandomShare? = nil) {
    self.video = video
    self.audio = audio
    self.randomAudio = randomAudio
  }

  public init(_ budget: RetentionBudget) {
    self.init(video: budget.video, audio: budget.audio)
  }

  public var ratios: RetentionBudget {
    RetentionBudget(video: video ?? 1, audio: audio ?? randomAudio?.ratio ?? 1)
  }

  var randomModalities: Set<Modality> { randomAudio == nil ? [] : [.audio] }

  subscript(modality: Modality) -> Double? { modality == .video ? video : audio }

  /// The random share of a part, where it is that which is kept.
  func drawn(from part: EncoderInputs.Part) -> [Int]? {
    guard part.modality == .audio, let randomAudio else { return nil }
    return RandomSelection(randomAudio).select(from: part.positions)
  }
}

extension KeptShares: Codable {
  private enum CodingKeys: String, CodingKey {
    case video, audio
    case randomAudio = "random_audio"
    case audioSeed = "audio_seed"
  }

  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    video = try keys.number(.video, in: RuleFault.shares)
    audio = try keys.number(.audio, in: RuleFault.shares)
    let seed = try keys.decodeIfPresent(UInt64.self, forKey: .audioSeed)
    randomAudio = try keys.number(.randomAudio, in: RuleFault.shares).map {
      RandomShare(ratio: $0, seed: seed ?? 0)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encodeIfPresent(video, forKey: .video)
    try keys.encodeIfPresent(audio, forKey: .audio)
    try keys.encodeIfPresent(randomAudio?.ratio, forKey: .randomAudio)
    try keys.encodeIfPresent(randomAudio?.seed, forKey: .audioSeed)
  }
}

/// The lengths of temporal windows.
public struct SelectionWindows: Sendable, Equatable {
  /// Temporal grids per video window (`grid_in_window`).
  public var grids: Int
  /// Seconds per audio window (`sec_in_audio_window`).
  public var audioSeconds: Int

  public init(grids: Int = 2, audioSeconds: Int = 2) {
    self.grids = grids
    self.audioSeconds = audioSeconds
  }

  /// Audio tokens in a selection window: 25 per second for every model family, as the reference
  /// has it.
  public var audioTokens: Int { 25 * audioSeconds }
}

extension SelectionWindows: Codable {
  private enum CodingKeys: String, CodingKey {
    case grids = "grids_per_window"
    case audioSeconds = "audio_window_seconds"
  }

  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    grids = try keys.count(.grids, in: 1...10_000) ?? 2
    audioSeconds = try keys.count(.audioSeconds, in: 1...10_000) ?? 2
  }
}

/// A value of a rule that is out of bounds.
public struct RuleFault: Error, Sendable, Equatable {
  /// Where it stands: `plan.boundaries[0].temperature`.
  public let key: String
  public let found: String
  public let bounds: ClosedRange<Double>
  /// Whole numbers alone can stand there.
  public let isCount: Bool

  /// A schedule may ask for less than nothing, which keeps one token.
  static let shares = -1e6...1e6

  fileprivate init(
    _ path: [any CodingKey], _ found: String, _ bounds: ClosedRange<Double>, isCount: Bool
  ) {
    key = path.filter { $0.intValue == nil }.map(\.stringValue).joined(separator: ".")
    self.found = found
    self.bounds = bounds
    self.isCount = isCount
  }
}

extension KeyedDecodingContainer {
  /// - Throws: `RuleFault`, `DecodingError`.
  func number(_ key: Key, in bounds: ClosedRange<Double>) throws -> Double? {
    guard let value = try decodeIfPresent(Double.self, forKey: key) else { return nil }
    guard bounds.contains(value) else {
      throw RuleFault(codingPath + [key], "\(value)", bounds, isCount: false)
    }
    return value
  }

  /// - Throws: `RuleFault`, `DecodingError`.
  func count(_ key: Key, in bounds: ClosedRange<Int>) throws -> Int? {
    guard let value = try decodeIfPresent(Int.self, forKey: key) else { return nil }
    guard bounds.contains(value) else {
      let range = Double(bounds.lowerBound)...Double(bounds.upperBound)
      throw RuleFault(codingPath + [key], "\(value)", range, isCount: true)
    }
    return value
  }
}
