import CCurses

/// Colour pairs registered with curses. The terminal's palette is never changed.
struct ColorPairs {
  private struct Pair: Hashable {
    let foreground, background: Color
  }

  private var numbers: [Pair: Int32] = [:]
  private let limit = Int(cc_color_pairs()) - 1

  /// Whether the next frame, of this many cells, may need more colour pairs than are left. A cell
  /// of a picture may have colours of its own.
  func isNearlyFull(cells: Int) -> Bool {
    limit > 512 && !numbers.isEmpty && numbers.count > max(limit / 4, limit - max(256, cells))
  }

  /// Number of the pair for the colours of a style; 0 (default colours) if no pair is left.
  mutating func number(for style: Style) -> Int32 {
    if style.foreground == .standard, style.background == .standard { return 0 }
    let pair = Pair(foreground: style.foreground, background: style.background)
    if let known = numbers[pair] { return known }
    guard numbers.count < limit else { return 0 }
    let number = Int32(numbers.count + 1)
    let foreground = Self.number(pair.foreground, instead: 7)
    let background = Self.number(pair.background, instead: 0)
    guard init_extended_pair(number, foreground, background) == OK else { return 0 }
    numbers[pair] = number
    return number
  }

  /// Number of a colour of a direct-colour terminal, where 0…255 are the palette.
  private static func directNumber(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Int32 {
    guard cc_colors() >= ColorDepth.direct.rawValue else {
      return cc_has_default_colors() != 0 ? -1 : 7
    }
    let number = Int32(red) << 16 | Int32(green) << 8 | Int32(blue)
    return number < 256 ? number + 256 : number
  }

  /// Palette number of a colour; on a terminal without default colours `instead` is used for them.
  private static func number(_ color: Color, instead: Int32) -> Int32 {
    switch color {
    case .indexed(let index): Int32(index)
    case .standard: cc_has_default_colors() != 0 ? -1 : instead
    case .rgb(let red, let green, let blue):
      directNumber(red, green, blue)
    }
  }
}
