import Foundation
import Terminal

/// A line of text with a label before it.
struct LabelledLine: Equatable {
  let label: String
  let labelRole: Role
  let alignment: Alignment
  let text: String
  let role: Role
}

/// Lines of text with labels, wrapped with a hanging indent.
struct LabelledLines: Equatable {
  let lines: [LabelledLine]
  let labelWidth: Int

  private struct Row {
    let line: LabelledLine
    let text: CleanText
    let isFirst: Bool
  }

  private func rows(width: Int, ascii: Bool = false) -> [Row] {
    lines.flatMap { line in
      CleanText(line.text, ascii: ascii).wrapped(to: width - labelWidth - 4).enumerated().map {
        Row(line: line, text: $1, isFirst: $0 == 0)
      }
    }
  }

  /// The largest index of a first visible row.
  func lastTop(in area: Rect) -> Int { max(0, rows(width: area.width).count - area.height) }

  /// Index of the first row of a line, when wrapped to a width.
  func row(of line: Int, width: Int) -> Int {
    LabelledLines(lines: Array(lines.prefix(line)), labelWidth: labelWidth).rows(width: width).count
  }

  /// Indices of the lines that contain a text.
  func matches(of text: String) -> [Int] {
    Search.indices(of: text, in: lines.map { "\($0.label) \($0.text)" })
  }

  /// Draws the lines from a row on.
  /// - Parameters:
  ///   - top: index of the first visible row, limited so that the area is filled.
  ///   - search: text to highlight.
  func render(in area: Rect, from top: Int, marking search: String?, to frame: inout Frame) {
    guard area.width > labelWidth + 4, area.height > 0 else { return }
    let rows = rows(width: area.width, ascii: frame.glyphs.isASCII)
    let first = min(top, max(0, rows.count - area.height))
    for (index, shown) in rows.dropFirst(first).prefix(area.height).enumerated() {
      var row = area.row(index).inset(horizontal: 1)
      let label = row.cutLeft(labelWidth)
      if shown.isFirst {
        frame.write(
          shown.line.label, in: label, as: shown.line.labelRole, align: shown.line.alignment)
      }
      _ = row.cutLeft(2)
      frame.write(shown.text.shown, in: row, as: shown.line.role)
      if let search { mark(search, shown.text.shown, in: row, to: &frame) }
    }
  }

  private func mark(_ search: String, _ text: String, in row: Rect, to frame: inout Frame) {
    var rest = text[...]
    while let found = rest.range(of: search, options: .caseInsensitive) {
      let start = CleanText(text[..<found.lowerBound]).width
      let width = CleanText(text[found]).width
      frame.highlight(
        Rect(x: row.x + start, y: row.y, width: min(width, row.width - start), height: 1))
      rest = rest[found.upperBound...]
    }
  }
}
