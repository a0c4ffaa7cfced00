/// One frame of the screen: a grid of cells, and the position of the caret during text input.
///
/// Writing outside of the frame or the given area has no effect, and never leaves half of a wide
/// glyph.
public struct Frame: Sendable, Equatable {
  public let size: Size
  public let look: Look
  /// All cells, row by row.
  public private(set) var cells: [Cell]
  /// Exact shapes of the charts, in drawing order; only pictures use them.
  public private(set) var drawings: [Drawing] = []
  /// Position of the terminal's cursor; nil hides it.
  public var caret: Caret?

  /// Position of a cell in the frame.
  public struct Caret: Sendable, Equatable {
    public var x: Int
    public var y: Int

    public init(x: Int, y: Int) {
      self.x = x
      self.y = y
    }
  }

  public init(size: Size, look: Look) {
    self.size = Size(width: max(0, size.width), height: max(0, size.height))
    self.look = look
    cells = Array(
      repeating: .blank(look.theme[.normal]), count: self.size.width * self.size.height)
  }

  public var area: Rect { Rect(size) }
  public var glyphs: Glyphs { look.glyphs }

  /// The cell at column `x` and row `y`, both counted from 0; they must be inside the frame.
  public subscript(x: Int, y: Int) -> Cell {
    cells[y * size.width + x]
  }

  /// The cells of one row.
  public func row(_ y: Int) -> ArraySlice<Cell> {
    cells[y * size.width..<(y + 1) * size.width]
  }

  /// Sets one cell to a glyph of width 1; no effect outside of the frame.
  public mutating func put(_ glyph: Character, x: Int, y: Int, style: Style) {
    let base = glyph.unicodeScalars.first?.value ?? 0x20
    set(Cell(base: base, style: style), x: x, y: y)
  }

  /// Adds an exact shape; the cells that stand for it are written separately.
  mutating func draw(_ drawing: Drawing) { drawings.append(drawing) }

  mutating func set(_ cell: Cell, x: Int, y: Int) {
    guard area.contains(x: x, y: y) else { return }
    freeCell(x, y)
    cells[y * size.width + x] = cell
  }

  /// Writes a glyph of one or two cells; a wide glyph that does not fit at the edge becomes a
  /// blank.
  mutating func set(_ glyph: CleanText.Glyph, x: Int, y: Int, style: Style) {
    let cell = Cell(
      base: glyph.base, mark: glyph.mark, secondMark: glyph.secondMark, style: style)
    guard glyph.width == 2 else { return set(cell, x: x, y: y) }
    guard area.contains(x: x, y: y), area.contains(x: x + 1, y: y) else {
      set(.blank(style), x: x, y: y)
      return set(.blank(style), x: x + 1, y: y)
    }
    freeCell(x, y)
    freeCell(x + 1, y)
    cells[y * size.width + x] = cell
    cells[y * size.width + x + 1] = Cell(base: 0, style: style)
  }

  /// If a cell is half of a wide glyph, replaces the other half by a blank.
  private mutating func freeCell(_ x: Int, _ y: Int) {
    let index = y * size.width + x
    if cells[index].isContinuation, x > 0 {
      blankOut(index - 1)
    } else if x + 1 < size.width, cells[index + 1].isContinuation {
      blankOut(index + 1)
    }
  }

  private mutating func blankOut(_ index: Int) {
    cells[index] = .blank(cells[index].style)
  }

  /// Applies the style of a role to the cells of an area; glyphs are unchanged.
  public mutating func overlay(_ role: Role, on rect: Rect) {
    overlay(look.theme[role], on: rect)
  }

  /// Applies a style to the cells of an area; glyphs are unchanged.
  public mutating func overlay(_ style: Style, on rect: Rect) {
    let part = rect.intersection(area)
    for y in part.y..<part.bottom {
      for index in y * size.width + part.x..<y * size.width + part.right {
        cells[index].style = cells[index].style.overlaid(with: style)
      }
    }
  }

  /// Highlights the cells of an area: they get the colours of the role, and stay bold or dim.
  public mutating func highlight(_ rect: Rect, as role: Role = .selection) {
    let style = look.theme[role]
    let part = rect.intersection(area)
    for y in part.y..<part.bottom {
      for index in y * size.width + part.x..<y * size.width + part.right {
        let weight = cells[index].style.modifiers.intersection(.bold)
        cells[index].style = style
        cells[index].style.modifiers.formUnion(weight)
      }
    }
  }

  /// Replaces the default background of an area by the background of a role.
  public mutating func reground(_ rect: Rect, as role: Role) {
    let (ordinary, own) = (look.theme[.normal].background, look.theme[role].background)
    let part = rect.intersection(area)
    for y in part.y..<part.bottom {
      for index in y * size.width + part.x..<y * size.width + part.right
      where cells[index].style.background == ordinary {
        cells[index].style.background = own
      }
    }
  }

  /// Fills an area with blanks in the style of a role.
  public mutating func clear(_ rect: Rect, as role: Role = .normal) {
    let style = look.theme[role]
    let part = rect.intersection(area)
    if !drawings.isEmpty { drawings.append(.cover(part)) }
    for y in part.y..<part.bottom {
      for x in part.x..<part.right { set(.blank(style), x: x, y: y) }
    }
  }
}
