/// The steps of a prefill, in order. Layers are counted from 1.
public enum PrefillStep: Sendable, Hashable, Codable, Comparable {
  /// Vision and audio encoders, and the prompt's embeddings.
  case encoders
  /// Stage I: the selection before layer 1.
  case stage1
  case layer(Int)
  /// Final norm and head for the last token: the first answer token.
  case head

  public var isLayer: Bool { if case .layer = self { true } else { false } }

  /// Number of steps of a decoder with `layers` layers.
  public static func count(layers: Int) -> Int { layers + 3 }

  /// The step at `index` (0 = encoders) of a decoder with `layers` layers; nil outside.
  public init?(index: Int, layers: Int) {
    switch index {
    case 0: self = .encoders
    case 1: self = .stage1
    case 2..<max(2, layers + 2): self = .layer(index - 1)
    case layers + 2: self = .head
    default: return nil
    }
  }

  /// Index among the steps of a decoder with `layers` layers, from 0.
  public func index(layers: Int) -> Int {
    switch self {
    case .encoders: 0
    case .stage1: 1
    case .layer(let layer): layer + 1
    case .head: layers + 2
    }
  }
}
