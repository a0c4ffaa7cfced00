import CCurses

/// Colour pairs registered with curses. The terminal's palette is never changed.
struct ColorPairs {
  private struct Pair: Hashable {
    let foreground, background: Color
  }

  private var numbers: [Pair: Int32] = [:]
  private let limit = Int(cc_color_pairs()) - 1

  /// Whether the next frame may need more colour pairs than are left.
  var isNearlyFull: Bool { limit > 512 && numbers.count > limit - 256 }

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

  /// Palette number of a colour; on a terminal without default colours `instead` is used for them.
  private static func number(_ color: Color, instead: Int32) -> Int32 {
    switch color {
    case .indexed(let index): Int32(index)
    case .standard, .rgb: cc_has_default_colors() != 0 ? -1 : instead
    }
  }
}
