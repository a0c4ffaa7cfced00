/// A foreground or background colour.
public enum Color: Sendable, Hashable {
  /// The terminal's default foreground or background colour.
  case standard
  /// A colour of the terminal's palette: 0–7 are the named colours, 8–15 the bright ones, then a
  /// cube of 6×6×6 colours and 24 greys.
  case indexed(UInt8)
  case rgb(UInt8, UInt8, UInt8)
}

extension Color {
  /// Names of the palette colours 0–7; with the prefix `bright-` they name 8–15.
  public static let names = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
  ]

  /// Parses a colour: `#rrggbb`, `#rgb`, a name, `default`, or a palette number; nil for other
  /// text.
  public init?(_ text: String) {
    let text = text.lowercased()
    if text == "default" {
      self = .standard
    } else if text.hasPrefix("#") {
      self.init(hex: text.dropFirst())
    } else if let number = UInt8(text) {
      self = .indexed(number)
    } else if let index = Self.names.firstIndex(of: text) {
      self = .indexed(UInt8(index))
    } else if text.hasPrefix("bright-"),
      let index = Self.names.firstIndex(of: String(text.dropFirst("bright-".count)))
    {
      self = .indexed(UInt8(index + 8))
    } else {
      return nil
    }
  }

  private init?(hex digits: Substring) {
    guard digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16) else { return nil }
    switch digits.count {
    case 6:
      self = .rgb(
        UInt8(value >> 16 & 0xff), UInt8(value >> 8 & 0xff), UInt8(value & 0xff))
    case 3:
      self = .rgb(
        UInt8(value >> 8 & 0xf) * 17, UInt8(value >> 4 & 0xf) * 17, UInt8(value & 0xf) * 17)
    default: return nil
    }
  }
}

extension Color: CustomStringConvertible {
  public var description: String {
    switch self {
    case .standard: "default"
    case .indexed(let index): String(index)
    case .rgb(let r, let g, let b):
      "#" + [r, g, b].map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
  }
}
