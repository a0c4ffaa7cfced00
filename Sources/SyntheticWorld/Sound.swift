/// The sound of one window: silence (`{"kind": "silence"}`), or a sound event of some kind.
public struct Sound: Equatable, Sendable {
  public let kind: Kind
  /// The sound event; nil for silence.
  public let event: Event?

  public init(kind: Kind, event: Event?) {
    self.kind = kind
    self.event = event
  }

  /// Kind of sound, named as in questions.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    case low, middle, high, rising, falling, noise, silence
  }

  /// A sound event: onset, length, level and pitch.
  public struct Event: Codable, Equatable, Sendable {
    /// Start of the event in milliseconds from the start of the window.
    public let onset: Int
    /// Length of the event in milliseconds.
    public let length: Int
    /// Amplitude in thousandths of full scale.
    public let level: Int
    /// Pitch at the start and at the end, in hertz; nil for a noise burst.
    public let pitch: [Int]?

    public init(onset: Int, length: Int, level: Int, pitch: [Int]?) {
      self.onset = onset
      self.length = length
      self.level = level
      self.pitch = pitch
    }
  }
}

extension Sound: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kind = try container.decode(Kind.self, forKey: .kind)
    event = kind == .silence ? nil : try Event(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    try event?.encode(to: encoder)
  }
}
