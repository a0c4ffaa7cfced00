/// The `--ascii` or `--utf8` option, which overrides the locale.
public enum GlyphChoice: String, Sendable, CaseIterable {
  case ascii, utf8
}

/// The characters that bars, boxes and marks are drawn with.
public struct Glyphs: Sendable, Equatable {
  /// True if only ASCII may be written.
  public let isASCII: Bool
  /// Blocks of 1/8 … 8/8 of a cell from the left; empty if not available.
  public let horizontalEighths: [Character]
  /// Rising levels for sparklines, lowest first.
  public let levels: [Character]
  /// Fill patterns of bar segments without colour: text, video, audio, dropped.
  public let fills: [Character]
  /// Fill patterns of predicted bars.
  public let plannedFills: [Character]
  /// Pixels of a picture without colours, dark to bright; neither a blank nor a full stop, which
  /// mark dropped tokens.
  public let shades: [Character]
  public let horizontal, vertical: Character
  public let topLeft, topRight, bottomLeft, bottomRight: Character
  public let upperHalf: Character
  public let ellipsis: Character
  /// Marks of the selected row and of the engine's current step.
  public let cursor, engine: Character
  /// Under a column, to point at it.
  public let pointer: Character
  /// A step that is done, running, and not yet run.
  public let done, running, waiting: Character
  /// A drop by relevance, and the late removal.
  public let prune, remove: Character
  /// A breakpoint set on a row, and one whose condition is expected to come true there.
  public let breakpoint, condition: Character

  /// Eighth blocks, box lines and half blocks.
  public static let utf8 = Glyphs(
    isASCII: false, horizontalEighths: Array("▏▎▍▌▋▊▉█"), levels: Array("▁▂▃▄▅▆▇█"),
    fills: Array("█▓░·"), plannedFills: Array("━═─·"), shades: Array("░▒▓█"), horizontal: "─",
    vertical: "│",
    topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘", upperHalf: "▀", ellipsis: "…",
    cursor: "▌", engine: "▶", pointer: "▲", done: "✓", running: "▶", waiting: "·", prune: "▼",
    remove: "✕",
    breakpoint: "●", condition: "○")

  /// ASCII only.
  public static let ascii = Glyphs(
    isASCII: true, horizontalEighths: [], levels: Array(".-=#"), fills: Array("#=-."),
    plannedFills: Array("tva."), shades: Array(":-=+*#%@"), horizontal: "-", vertical: "|",
    topLeft: "+", topRight: "+",
    bottomLeft: "+", bottomRight: "+", upperHalf: "#", ellipsis: "~", cursor: ">", engine: ">",
    pointer: "^", done: "+", running: ">", waiting: ".", prune: "v", remove: "x", breakpoint: "*",
    condition: "o")
}
