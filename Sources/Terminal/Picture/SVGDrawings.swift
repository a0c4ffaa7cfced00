/// The exact shapes of a frame's charts as SVG elements.
struct SVGDrawings {
  /// A cell of the frame.
  struct Cell: Hashable {
    let x, y: Int
  }

  private let frame: Frame
  private let paper: String
  private let color: (Style) -> String

  /// - Parameters:
  ///   - paper: colour of the picture's background.
  ///   - color: the foreground colour of a style.
  init(_ frame: Frame, paper: String, color: @escaping (Style) -> String) {
    (self.frame, self.paper, self.color) = (frame, paper, color)
  }

  /// Cells that must not be drawn as text, because exact shapes stand for them.
  static func drawnCells(of frame: Frame) -> Set<Cell> {
    guard !frame.drawings.isEmpty else { return [] }
    var cells: Set<Cell> = []
    for y in 0..<frame.size.height {
      for x in 0..<frame.size.width where 0x2800...0x28ff ~= frame[x, y].base {
        cells.insert(Cell(x: x, y: y))
      }
    }
    let dot = frame.glyphs.dot.unicodeScalars.first?.value
    for drawing in frame.drawings {
      switch drawing {
      case .line, .label: break
      case .replaced(let area):
        for y in area.y..<area.bottom {
          for x in area.x..<area.right { cells.insert(Cell(x: x, y: y)) }
        }
      case .letter(_, _, _, let x, let y): cells.insert(Cell(x: x, y: y))
      case .cover(let area): cells = cells.filter { !area.contains(x: $0.x, y: $0.y) }
      case .shade(let area, let style):
        let part = area.intersection(frame.area)
        for y in part.y..<part.bottom {
          for x in part.x..<part.right
          where frame[x, y].base == dot && frame[x, y].style == style {
            cells.insert(Cell(x: x, y: y))
          }
        }
      }
    }
    return cells
  }

  /// The shapes in drawing order; the letters of charts are above all lines, and their halos below
  /// all letters.
  var elements: [String] {
    var (below, letters): ([String], [String]) = ([], [])
    var elements: [String] = []
    func flush() {
      elements += below + letters
      (below, letters) = ([], [])
    }
    for drawing in frame.drawings {
      switch drawing {
      case .line(let places, let style, let pen): elements.append(line(places, style, pen))
      case .letter(let letter, let place, let style, _, _):
        below.append(disc(place, style))
        letters.append(self.letter(letter, place, style))
      case .label(let text, let place, let style, let align):
        elements.append(label(text, place, style, align))
      case .shade(let area, let style):
        elements.append(rectangle(area, color(style), " opacity=\"0.1\""))
      case .replaced: break
      case .cover(let area):
        flush()
        elements.append(rectangle(area, paper, ""))
      }
    }
    flush()
    return elements
  }

  private func line(_ places: [Drawing.Place], _ style: Style, _ pen: Drawing.Pen) -> String {
    let points = places.map { "\(Self.x($0)),\(Self.y($0))" }.joined(separator: " ")
    let dashes = pen == .dotted ? " stroke-dasharray=\"2 4\"" : ""
    return "<polyline points=\"\(points)\" fill=\"none\" stroke=\"\(color(style))\" "
      + "stroke-width=\"\(pen == .thin ? "1" : "1.8")\" stroke-linejoin=\"round\" "
      + "stroke-linecap=\"round\"\(dashes)/>"
  }

  private func label(
    _ text: String, _ place: Drawing.Place, _ style: Style, _ align: Alignment
  ) -> String {
    let anchor =
      switch align {
      case .left: "start"
      case .center: "middle"
      case .right: "end"
      }
    return "<text x=\"\(Self.x(place))\" y=\"\(Self.y(place, below: 5))\" "
      + "text-anchor=\"\(anchor)\" fill=\"\(color(style))\">\(SVGPicture.escaped(text))</text>"
  }

  private func isSelected(_ style: Style) -> Bool { style.modifiers.contains(.reversed) }

  private func ink(_ style: Style) -> String {
    var plain = style
    plain.modifiers.remove(.reversed)
    return color(plain)
  }

  /// A disc below a letter: in the colour of the background, or of the letter if it is selected.
  private func disc(_ place: Drawing.Place, _ style: Style) -> String {
    "<circle cx=\"\(Self.x(place))\" cy=\"\(Self.y(place))\" r=\"\(isSelected(style) ? "9" : "7")\" "
      + "fill=\"\(isSelected(style) ? ink(style) : paper)\"/>"
  }

  private func letter(_ letter: Character, _ place: Drawing.Place, _ style: Style) -> String {
    let weight = style.modifiers.contains(.bold) ? " font-weight=\"bold\"" : ""
    return "<text x=\"\(Self.x(place))\" y=\"\(Self.y(place, below: 5))\" text-anchor=\"middle\" "
      + "fill=\"\(isSelected(style) ? paper : ink(style))\"\(weight)>"
      + "\(SVGPicture.escaped(String(letter)))</text>"
  }

  private func rectangle(_ area: Rect, _ color: String, _ attributes: String) -> String {
    let cell = SVGPicture.cell
    return "<rect x=\"\(area.x * cell.width)\" y=\"\(area.y * cell.height)\" "
      + "width=\"\(area.width * cell.width)\" height=\"\(area.height * cell.height)\" "
      + "fill=\"\(color)\"\(attributes)/>"
  }

  private static func x(_ place: Drawing.Place) -> String {
    SVGPicture.number(place.x * Double(SVGPicture.cell.width))
  }

  private static func y(_ place: Drawing.Place, below: Double = 0) -> String {
    SVGPicture.number(place.y * Double(SVGPicture.cell.height) + below)
  }
}
