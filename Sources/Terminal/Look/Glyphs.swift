/// The `--ascii` or `--utf8` choice, whatever the locale says.
public enum GlyphChoice: String, Sendable, CaseIterable {
  case ascii, utf8
}

/// The characters that bars, boxes and marks are drawn with.
public struct Glyphs: Sendable, Equatable {
  /// Only ASCII may reach the terminal.
  public let isASCII: Bool
  /// 1/8 … 8/8 of a cell filled from the left; empty where partial cells cannot be drawn.
  public let horizontalEighths: [Character]
  /// Rising levels for sparklines, lowest first.
  public let levels: [Character]
  /// Fill patterns that tell the segments of a bar apart without colour: text, video, audio, and
  /// what is gone.
  public let fills: [Character]
  /// The same for bars that are only predicted.
  public let plannedFills: [Character]
  /// Pixels of a picture without colours, dark to bright; none of them is blank or a full stop,
  /// which stand for what is gone.
  public let shades: [Character]
  public let horizontal, vertical: Character
  public let topLeft, topRight, bottomLeft, bottomRight: Character
  public let upperHalf: Character
  public let ellipsis: Character
  /// Beside the selected row, and beside the step the engine stands at.
  public let cursor, engine: Character
  /// Under a column, to point at it.
  public let pointer: Character
  /// A step that is done, running, and not yet run.
  public let done, running, waiting: Character
  /// A drop by relevance, and the removal of all that is not text.
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

  /// Where the locale, or the user, allows nothing else.
  public static let ascii = Glyphs(
    isASCII: true, horizontalEighths: [], levels: Array(".-=#"), fills: Array("#=-."),
    plannedFills: Array("tva."), shades: Array(":-=+*#%@"), horizontal: "-", vertical: "|",
    topLeft: "+", topRight: "+",
    bottomLeft: "+", bottomRight: "+", upperHalf: "#", ellipsis: "~", cursor: ">", engine: ">",
    pointer: "^", done: "+", running: ">", waiting: ".", prune: "v", remove: "x", breakpoint: "*",
    condition: "o")
}
