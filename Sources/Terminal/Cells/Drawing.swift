/// An exact shape of a chart, for pictures; a terminal shows the cells that stand for it.
public enum Drawing: Sendable, Equatable {
  /// A place in the frame, in cells from its top left corner.
  public struct Place: Sendable, Equatable {
    public let x, y: Double

    public init(x: Double, y: Double) { (self.x, self.y) = (x, y) }
  }

  /// How a line is drawn.
  public enum Pen: Sendable, Equatable {
    case curve, dotted
    /// For axes and standard errors.
    case thin
  }

  /// A line through places; its cells hold braille dots.
  case line([Place], Style, Pen)
  /// A letter around a place, which stands for the letter in cell `x`, `y`.
  case letter(Character, Place, Style, x: Int, y: Int)
  /// A text beside or around a place.
  case label(String, Place, Style, Alignment)
  /// A shaded area; its cells hold the dots of `Glyphs.dot` in this style.
  case shade(Rect, Style)
  /// Cells for which exact shapes stand.
  case replaced(Rect)
  /// An area that was cleared after the shapes before it were drawn.
  case cover(Rect)
}
