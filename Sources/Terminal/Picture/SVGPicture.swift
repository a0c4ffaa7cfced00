/// A frame as an SVG picture. Text stays text; blocks and lines are shapes, so that there are no
/// gaps with any font.
public struct SVGPicture: Sendable, Equatable {
  /// Colours of the terminal shown: its default colours and the sixteen named ones.
  public struct Ground: Sendable, Equatable {
    public let foreground, background: String
    /// The sixteen named colours.
    public let named: [String]

    /// Colours of a terminal with a dark background.
    public static let dark = Ground(
      foreground: "#d4d7dc", background: "#14161b",
      named: [
        "#2b2f37", "#e5534b", "#4fb86b", "#d9a441", "#5b8def", "#c678b8", "#3fb5c4", "#d4d7dc",
        "#7a828e", "#ff7b72", "#7ee2a0", "#f2cc60", "#8fb4ff", "#e3a6da", "#76dbe6", "#ffffff",
      ])
    /// Colours of a terminal with a light background.
    public static let light = Ground(
      foreground: "#24292f", background: "#ffffff",
      named: [
        "#24292f", "#b4232a", "#1a7f37", "#8a5a00", "#0a50c2", "#8c3a86", "#0b6e7d", "#6e7781",
        "#57606a", "#cf222e", "#2da44e", "#9a6700", "#218bff", "#a83f9f", "#1b8a9c", "#24292f",
      ])
  }

  /// Size of a cell, in pixels.
  static let cell = Size(width: 9, height: 18)
  static let margin = 10

  private let frame: Frame
  private let ground: Ground
  /// Cells whose content is drawn as exact shapes.
  private let drawn: Set<SVGDrawings.Cell>

  public init(_ frame: Frame, on ground: Ground = .dark) {
    self.frame = frame
    self.ground = ground
    drawn = SVGDrawings.drawnCells(of: frame)
  }

  /// The text of the SVG file.
  /// - Parameter title: title for screen readers.
  public func text(title: String) -> String {
    let width = frame.size.width * Self.cell.width + 2 * Self.margin
    let height = frame.size.height * Self.cell.height + 2 * Self.margin
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
        + "viewBox=\"0 0 \(width) \(height)\" role=\"img\">",
      "<title>\(Self.escaped(title))</title>",
      "<rect width=\"\(width)\" height=\"\(height)\" rx=\"8\" fill=\"\(paper)\"/>",
      "<g transform=\"translate(\(Self.margin) \(Self.margin))\" xml:space=\"preserve\" "
        + "font-size=\"15\" "
        + "font-family=\"'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace\">",
    ]
    lines += SVGDrawings(frame, paper: paper) { ink($0).foreground }.elements
    for y in 0..<frame.size.height { lines += grounds(y) }
    for y in 0..<frame.size.height { lines += glyphs(y) }
    return (lines + ["</g>", "</svg>"]).joined(separator: "\n") + "\n"
  }

  /// Background colour of the role `normal`.
  private var paper: String { ink(frame.look.theme[.normal]).background }

  // MARK: - Colours

  private struct Ink: Equatable {
    var foreground, background: String
  }

  private func ink(_ style: Style) -> Ink {
    let ink = Ink(
      foreground: css(style.foreground) ?? ground.foreground,
      background: css(style.background) ?? ground.background)
    guard style.modifiers.contains(.reversed) else { return ink }
    return Ink(foreground: ink.background, background: ink.foreground)
  }

  private func css(_ color: Color) -> String? {
    switch color {
    case .standard: return nil
    case .indexed(let index) where index < 16: return ground.named[Int(index)]
    case .indexed(let index):
      let (red, green, blue) = Palette.components(of: index)
      return Color.rgb(red, green, blue).description
    case .rgb: return color.description
    }
  }

  // MARK: - Rows

  /// Background rectangles of a row that differ from the picture's background; adjacent cells of
  /// one colour are merged.
  private func grounds(_ y: Int) -> [String] {
    runs(y) { drawn.contains(.init(x: $0, y: y)) ? paper : ink($1.style).background }.filter {
      $0.key != paper
    }.map { run in
      Self.rectangle(
        run.columns.lowerBound, y, columns: run.columns.count, BlockShape.full, run.key)
    }
  }

  private func glyphs(_ y: Int) -> [String] {
    runs(y) { kind($1, x: $0, y: y) }.flatMap { run -> [String] in
      let style = run.key.style
      let color = ink(style).foreground
      switch run.key.drawing {
      case .nothing: return []
      case .shapes(let shapes):
        return shapes.map {
          Self.rectangle(run.columns.lowerBound, y, columns: run.columns.count, $0, color)
        }
      case .sign: return run.columns.map { text($0..<$0 + 1, y, style, color) }
      case .letters: return [text(run.columns, y, style, color)]
      }
    }
  }

  private struct Kind: Equatable {
    enum Drawing: Equatable {
      case nothing
      /// A glyph drawn as shapes, which may be merged with adjacent cells.
      case shapes([BlockShape])
      /// A glyph whose width may differ between fonts, so it gets a text element of its own.
      case sign
      case letters
    }

    let drawing: Drawing
    let style: Style
  }

  private func kind(_ cell: Cell, x: Int, y: Int) -> Kind {
    if !drawn.isEmpty, drawn.contains(.init(x: x, y: y)) {
      return Kind(drawing: .nothing, style: .plain)
    }
    let isUnderlined = cell.style.modifiers.contains(.underlined)
    let drawing: Kind.Drawing
    if let shapes = BlockShape.shapes(of: cell.base) {
      drawing = .shapes(shapes)
    } else if cell.base == 0 {
      drawing = .nothing
    } else {
      drawing = cell.base < 0x250 ? .letters : .sign
    }
    if drawing == .letters, cell.base == 0x20, !isUnderlined {
      return Kind(drawing: .nothing, style: .plain)
    }
    return Kind(drawing: drawing, style: cell.style)
  }

  private func runs<Key: Equatable>(
    _ y: Int, _ key: (Int, Cell) -> Key
  ) -> [(key: Key, columns: Range<Int>)] {
    var runs: [(key: Key, columns: Range<Int>)] = []
    for (x, cell) in frame.row(y).enumerated() {
      let now = key(x, cell)
      if let last = runs.last, last.key == now {
        runs[runs.count - 1].columns = last.columns.lowerBound..<x + 1
      } else {
        runs.append((now, x..<x + 1))
      }
    }
    return runs
  }

  // MARK: - Elements

  private func text(_ columns: Range<Int>, _ y: Int, _ style: Style, _ color: String) -> String {
    let cells = frame.row(y)
    let start = cells.startIndex
    let text = columns.map { cells[start + $0].text }.joined()
    var attributes = "x=\"\(columns.lowerBound * Self.cell.width)\""
    if columns.count > 1 {
      attributes += " textLength=\"\(columns.count * Self.cell.width)\""
    }
    attributes += " y=\"\(y * Self.cell.height + 14)\" fill=\"\(color)\""
    if style.modifiers.contains(.bold) { attributes += " font-weight=\"bold\"" }
    if style.modifiers.contains(.italic) { attributes += " font-style=\"italic\"" }
    if style.modifiers.contains(.dim) { attributes += " opacity=\"0.6\"" }
    if style.modifiers.contains(.underlined) { attributes += " text-decoration=\"underline\"" }
    return "<text \(attributes)>\(Self.escaped(text))</text>"
  }

  private static func rectangle(
    _ x: Int, _ y: Int, columns: Int, _ shape: BlockShape, _ color: String
  ) -> String {
    let (wide, high) = (Double(cell.width), Double(cell.height))
    let left = (Double(x) + shape.left) * wide
    let width = (Double(columns - 1) + shape.right - shape.left) * wide
    let top = (Double(y) + shape.top) * high
    let height = (shape.bottom - shape.top) * high
    let opacity = shape.opacity < 1 ? " opacity=\"\(shape.opacity)\"" : ""
    return "<rect x=\"\(number(left))\" y=\"\(number(top))\" width=\"\(number(width))\" "
      + "height=\"\(number(height))\" fill=\"\(color)\"\(opacity)/>"
  }

  static func number(_ value: Double) -> String {
    let rounded = (value * 1000).rounded() / 1000
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }

  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
