/// The lines of a chart as dots: eight to a cell with braille, or one character per cell in ASCII.
struct ChartCanvas {
  private let layout: ChartLayout
  /// Braille dots of each cell as bits, or the character in ASCII; 0 for nothing.
  private var marks: [UInt32]
  /// Index of the uppermost series in each cell; `Int.max` for none.
  private var owners: [Int]

  init(_ layout: ChartLayout) {
    self.layout = layout
    let count = layout.plot.width * layout.plot.height
    marks = Array(repeating: 0, count: count)
    owners = Array(repeating: .max, count: count)
  }

  /// Whether nothing is drawn in a cell of the screen.
  func isEmpty(x: Int, y: Int) -> Bool { owner(x: x, y: y) == nil }

  /// The series whose colour a cell of the screen has; nil for an empty cell.
  func owner(x: Int, y: Int) -> Int? {
    guard layout.plot.contains(x: x, y: y) else { return nil }
    let owner = owners[index(x - layout.plot.x, y - layout.plot.y)]
    return owner == .max ? nil : owner
  }

  private func index(_ column: Int, _ row: Int) -> Int { row * layout.plot.width + column }

  private var isASCII: Bool { layout.dots.x == 1 }

  /// Sets one dot for a series.
  mutating func set(_ dot: (x: Int, y: Int), _ series: Int, ascii: Character = "*") {
    let (column, row) = (dot.x / layout.dots.x, dot.y / layout.dots.y)
    guard dot.x >= 0, dot.y >= 0, column < layout.plot.width, row < layout.plot.height else {
      return
    }
    let at = index(column, row)
    if isASCII {
      if series <= owners[at] { marks[at] = ascii.unicodeScalars.first?.value ?? 0x2a }
    } else {
      marks[at] |= Self.bits[dot.y % 4][dot.x % 2]
    }
    owners[at] = min(owners[at], series)
  }

  /// Bits of the braille pattern, by row and column of the dot.
  private static let bits: [[UInt32]] = [
    [0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80],
  ]

  /// Draws a straight line between two dots.
  mutating func line(
    _ a: (x: Int, y: Int), _ b: (x: Int, y: Int), _ series: Int, isDotted: Bool
  ) {
    let glyph = isDotted ? "." : Self.glyph(b.x - a.x, b.y - a.y)
    let count = max(abs(b.x - a.x), abs(b.y - a.y))
    let gap = isASCII ? 2 : 4
    for step in 0...count {
      guard !isDotted || step % gap < gap / 2 else { continue }
      let share = count > 0 ? Double(step) / Double(count) : 0
      let x = Double(a.x) + share * Double(b.x - a.x)
      let y = Double(a.y) + share * Double(b.y - a.y)
      set((Int(x.rounded()), Int(y.rounded())), series, ascii: glyph)
    }
  }

  /// The character of a line in ASCII; a cell is twice as high as it is wide.
  private static func glyph(_ width: Int, _ height: Int) -> Character {
    let (dx, dy) = (abs(width), abs(height))
    if dy * 2 <= dx { return "-" }
    if dx * 3 <= dy { return "|" }
    return (width > 0) == (height < 0) ? "/" : "\\"
  }

  /// Draws a vertical bar with caps.
  mutating func bar(column: Int, rows: ClosedRange<Int>, _ series: Int) {
    for row in rows { set((column, row), series, ascii: "|") }
    guard !isASCII else { return }
    for row in [rows.lowerBound, rows.upperBound] {
      set((column - 1, row), series)
      set((column + 1, row), series)
    }
  }

  /// Writes the lines to the frame.
  func render(_ series: [Chart.Series], to frame: inout Frame) {
    for y in layout.plot.y..<layout.plot.bottom {
      for x in layout.plot.x..<layout.plot.right {
        let at = index(x - layout.plot.x, y - layout.plot.y)
        guard owners[at] < series.count,
          let glyph = Unicode.Scalar(isASCII ? marks[at] : 0x2800 + marks[at])
        else { continue }
        frame.put(
          Character(glyph), x: x, y: y, style: frame.look.theme[series[owners[at]].role])
      }
    }
  }
}
