/// The help screen: keys and their actions in one or two columns, scrollable.
public struct HelpOverlay: Widget, Equatable {
  /// Keys and their help text.
  public struct Entry: Sendable, Equatable {
    public let keys: String
    public let text: String

    public init(keys: String, text: String) {
      self.keys = keys
      self.text = text
    }
  }

  /// Help entries under a heading.
  public struct Section: Sendable, Equatable {
    public let title: String
    public let entries: [Entry]

    public init(title: String, entries: [Entry]) {
      self.title = title
      self.entries = entries
    }
  }

  public let title: String
  public let sections: [Section]
  /// Number of lines scrolled.
  public let top: Int

  public init(title: String, sections: [Section], top: Int = 0) {
    self.title = title
    self.sections = sections
    self.top = top
  }

  public func render(in area: Rect, to frame: inout Frame) {
    let place = area.centered(Size(width: min(area.width, 100), height: area.height))
    frame.clear(place, as: .dialog)
    var inner = frame.box(place, title: title, as: .dialog).inset(horizontal: 1)
    let foot = inner.cutBottom(inner.height > 4 ? 1 : 0)
    let columns = inner.width >= 70 ? 2 : 1
    let lines = arranged(columns: columns, height: inner.height)
    let width = (inner.width - 2 * (columns - 1)) / columns
    let first = min(max(0, top), Self.lastTop(lines: lines.count, height: inner.height))
    for (index, row) in lines.dropFirst(first).prefix(inner.height).enumerated() {
      var rest = inner.row(index)
      for line in row {
        draw(line, in: rest.cutLeft(width), to: &frame)
        _ = rest.cutLeft(2)
      }
    }
    let scrolls = lines.count > inner.height
    frame.write(
      scrolls ? "↑↓ scroll · Esc closes" : "Esc closes", in: foot, as: .dialog, align: .right)
  }

  /// The largest possible scroll offset.
  public func lastTop(in size: Size) -> Int {
    let width = min(size.width, 100) - 4
    let height = size.height - (size.height > 6 ? 3 : 2)
    let lines = arranged(columns: width >= 70 ? 2 : 1, height: height)
    return Self.lastTop(lines: lines.count, height: height)
  }

  private static func lastTop(lines: Int, height: Int) -> Int { max(0, lines - height) }

  private enum Line {
    case title(String)
    /// A help entry, with the width of the key column of its section.
    case entry(Entry, keyWidth: Int)
    case blank
  }

  private static func block(_ section: Section) -> [Line] {
    let keyWidth = section.entries.map { CleanText($0.keys).width }.max() ?? 0
    return [.title(section.title)] + section.entries.map { .entry($0, keyWidth: keyWidth) }
      + [.blank]
  }

  /// Rows of one or two lines side by side; a section is not split between columns.
  private func arranged(columns: Int, height: Int) -> [[Line]] {
    let blocks = sections.map(Self.block)
    guard columns == 2 else { return blocks.flatMap { $0 }.dropLast().map { [$0] } }
    var (left, right): ([Line], [Line]) = ([], [])
    let half = (blocks.reduce(0) { $0 + $1.count } + 1) / 2
    for block in blocks {
      if right.isEmpty, left.count + block.count / 2 <= half {
        left += block
      } else {
        right += block
      }
    }
    return (0..<max(left.count, right.count)).map { index in
      [index < left.count ? left[index] : .blank, index < right.count ? right[index] : .blank]
    }
  }

  private func draw(_ line: Line, in row: Rect, to frame: inout Frame) {
    var rest = row
    let base = frame.look.theme[.dialog]
    switch line {
    case .blank: break
    case .title(let title):
      frame.write(
        title, in: rest, style: base.overlaid(with: Style(modifiers: [.bold, .underlined])))
    case .entry(let entry, let keyWidth):
      let bold = base.overlaid(with: Style(modifiers: .bold))
      frame.write(entry.keys, in: rest.cutLeft(keyWidth), style: bold, align: .right)
      _ = rest.cutLeft(2)
      frame.write(entry.text, in: rest, style: base)
    }
  }
}
