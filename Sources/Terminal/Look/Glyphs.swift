/// Value of the option `--ascii` or `--utf8`, which overrides the locale.
public enum GlyphChoice: String, Sendable, CaseIterable {
  case ascii, utf8
}

/// Characters with which bars, boxes and symbols are drawn.
public struct Glyphs: Sendable, Equatable {
  /// Whether only ASCII characters may be written.
  public let isASCII: Bool
  /// Block glyphs that fill 1/8 … 8/8 of a cell from the left; empty if not available.
  public let horizontalEighths: [Character]
  /// Glyphs of increasing height for sparklines, lowest first.
  public let levels: [Character]
  /// Fill patterns for bar segments without colours: text, video, audio, dropped.
  public let fills: [Character]
  /// Fill patterns for bars of predicted values.
  public let plannedFills: [Character]
  /// Characters for pixels without colours, from dark to bright. Blank and full stop are not among
  /// them, because they mark dropped tokens.
  public let shades: [Character]
  public let horizontal, vertical: Character
  /// Ticks of the vertical and of the horizontal axis of a chart.
  public let tickLeft, tickBottom: Character
  /// A light dot, for shaded areas and empty parts of columns.
  public let dot: Character
  public let topLeft, topRight, bottomLeft, bottomRight: Character
  public let upperHalf: Character
  public let ellipsis: Character
  /// Symbols of the selected row and of the engine's current step.
  public let cursor, engine: Character
  /// Symbol below a column that points to it.
  public let pointer: Character
  /// Symbols of a finished, a running and a future step.
  public let done, running, waiting: Character
  /// Symbols of a drop by relevance and of the late removal.
  public let prune, remove: Character
  /// Symbols of a breakpoint set on a row, and of a row where a breakpoint condition is expected to
  /// become true.
  public let breakpoint, condition: Character

  /// Glyphs for UTF-8: eighth blocks, box lines and half blocks.
  public static let utf8 = Glyphs(
    isASCII: false, horizontalEighths: Array("▏▎▍▌▋▊▉█"), levels: Array("▁▂▃▄▅▆▇█"),
    fills: Array("█▓░·"), plannedFills: Array("━═─·"), shades: Array("░▒▓█"), horizontal: "─",
    vertical: "│", tickLeft: "┤", tickBottom: "┬", dot: "·",
    topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘", upperHalf: "▀", ellipsis: "…",
    cursor: "▌", engine: "▶", pointer: "▲", done: "✓", running: "▶", waiting: "·", prune: "▼",
    remove: "✕",
    breakpoint: "●", condition: "○")

  /// Glyphs for ASCII terminals.
  public static let ascii = Glyphs(
    isASCII: true, horizontalEighths: [], levels: Array(".-=#"), fills: Array("#=-."),
    plannedFills: Array("tva."), shades: Array(":-=+*#%@"), horizontal: "-", vertical: "|",
    tickLeft: "+", tickBottom: "+", dot: ".",
    topLeft: "+", topRight: "+",
    bottomLeft: "+", bottomRight: "+", upperHalf: "#", ellipsis: "~", cursor: ">", engine: ">",
    pointer: "^", done: "+", running: ">", waiting: ".", prune: "v", remove: "x", breakpoint: "*",
    condition: "o")
}
