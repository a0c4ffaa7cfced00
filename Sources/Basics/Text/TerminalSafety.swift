import Foundation

/// Unicode code points that control a terminal: controls (C0, DEL, C1), directional marks, and line
/// separators other than line feed.
public enum TerminalControl {
  public static func contains(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x061c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
    default: false
    }
  }

  /// Whether UTF-8 data may contain control code points other than line feeds and tabs. A fast
  /// check that may return true without need.
  static func mayBe(in data: Data) -> Bool {
    data.contains { byte in
      switch byte {
      case 0x09, 0x0a: false
      case 0..<0x20, 0x7f: true
      // The first bytes of C1, of U+061C, and of the general punctuation block.
      case 0xc2, 0xd8, 0xe2: true
      default: false
      }
    }
  }
}

extension Data {
  /// UTF-8 text in which control code points except line feeds and tabs are replaced by spaces.
  public var printable: Data {
    guard TerminalControl.mayBe(in: self) else { return self }
    let safe = String(decoding: self, as: UTF8.self).unicodeScalars
      .map { scalar -> Unicode.Scalar in
        if scalar == "\n" || scalar == "\t" { return scalar }
        return TerminalControl.contains(scalar) ? " " : scalar
      }
    return Data(String(String.UnicodeScalarView(safe)).utf8)
  }

  /// JSON text in which every control code point is escaped (`\u009b`); its value is unchanged.
  public var escapedJSON: Data {
    guard TerminalControl.mayBe(in: self) else { return self }
    var text = String.UnicodeScalarView()
    for scalar in String(decoding: self, as: UTF8.self).unicodeScalars {
      if scalar == "\n" || scalar == "\t" || !TerminalControl.contains(scalar) {
        text.append(scalar)
      } else {
        let digits = String(scalar.value, radix: 16)
        text.append(
          contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            .unicodeScalars)
      }
    }
    return Data(String(text).utf8)
  }
}

extension String {
  /// Control and formatting characters replaced by spaces.
  public var printable: String {
    let safe = unicodeScalars.map { scalar -> Unicode.Scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: " "
      default: scalar
      }
    }
    return String(String.UnicodeScalarView(safe))
  }
}
