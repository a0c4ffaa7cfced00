/// A key as the terminal reports it.
public enum Key: Sendable, Hashable {
  case character(Character)
  /// A letter pressed with Control: `.control("c")`.
  case control(Character)
  /// A character pressed with Alt, which terminals send as Escape and the character.
  case alt(Character)
  case up, down, left, right
  case pageUp, pageDown, home, end
  case tab, backTab, enter, escape, backspace, delete, insert
  /// A function key, F1 … F12.
  case function(Int)
}

extension Key: ExpressibleByExtendedGraphemeClusterLiteral {
  /// The key of a character, written as a literal: `"q"`.
  public init(extendedGraphemeClusterLiteral character: Character) { self = .character(character) }
}

extension Key {
  private static let named: [(name: String, key: Key)] = [
    ("space", .character(" ")), ("up", .up), ("down", .down), ("left", .left), ("right", .right),
    ("pgup", .pageUp), ("pgdn", .pageDown), ("home", .home), ("end", .end), ("tab", .tab),
    ("s-tab", .backTab), ("enter", .enter), ("esc", .escape), ("backspace", .backspace),
    ("del", .delete), ("ins", .insert),
  ]

  /// Parses the name of a key in a configuration file: `q`, `space`, `ctrl-l`, `alt-x`, `f1`,
  /// `pgup`; nil if unknown. Only single characters are case-sensitive.
  public init?(_ name: String) {
    if name.count == 1, let character = name.first {
      self = .character(character)
      return
    }
    let lower = name.lowercased()
    if let known = Self.named.first(where: { $0.name == lower }) {
      self = known.key
    } else if lower.hasPrefix("f"), let number = Int(lower.dropFirst()), 1...12 ~= number {
      self = .function(number)
    } else if lower.hasPrefix("ctrl-"), lower.count == 6, let letter = lower.last {
      self = .control(letter)
    } else if lower.hasPrefix("alt-"), name.count == 5, let letter = name.last {
      self = .alt(letter)
    } else {
      return nil
    }
  }

  /// Name of the key, which `init(_:)` parses.
  public var name: String {
    switch self {
    case .control(let letter): "ctrl-\(letter)"
    case .alt(let letter): "alt-\(letter)"
    case .function(let number): "f\(number)"
    default:
      Self.named.first { $0.key == self }?.name ?? plainCharacter
    }
  }

  private var plainCharacter: String {
    if case .character(let character) = self { String(character) } else { "" }
  }

  /// Short name of the key for hint bars: `^L`, `↑`, `PgUp`.
  public var label: String {
    switch self {
    case .control(let letter): "^\(letter.uppercased())"
    case .alt(let letter): "M-\(letter)"
    case .function(let number): "F\(number)"
    case .up: "↑"
    case .down: "↓"
    case .left: "←"
    case .right: "→"
    case .pageUp: "PgUp"
    case .pageDown: "PgDn"
    case .backTab: "S-Tab"
    case .character(" "): "space"
    case .character(let character): String(character)
    default: name.capitalized
    }
  }
}
