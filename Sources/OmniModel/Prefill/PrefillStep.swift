/// The steps of a prefill, in order: encoders, Stage I, layers from 1, head.
public enum PrefillStep: Sendable, Hashable, Codable, Comparable {
  /// Vision and audio encoders, and the embeddings of the prompt.
  case encoders
  /// Stage I: token selection before layer 1.
  case stage1
  case layer(Int)
  /// Final norm and output head for the last token: logits of the first answer token.
  case head

  public var isLayer: Bool { if case .layer = self { true } else { false } }

  /// Number of prefill steps with `layers` decoder layers.
  public static func count(layers: Int) -> Int { layers + 3 }

  /// The prefill step at `index` (0 = encoders) with `layers` decoder layers; nil if out of range.
  public init?(index: Int, layers: Int) {
    switch index {
    case 0: self = .encoders
    case 1: self = .stage1
    case 2..<max(2, layers + 2): self = .layer(index - 1)
    case layers + 2: self = .head
    default: return nil
    }
  }

  /// Index of the step, from 0, in a prefill with `layers` decoder layers.
  public func index(layers: Int) -> Int {
    switch self {
    case .encoders: 0
    case .stage1: 1
    case .layer(let layer): layer + 1
    case .head: layers + 2
    }
  }
}
