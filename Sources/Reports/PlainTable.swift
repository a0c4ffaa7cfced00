/// A table that is written as plain text, CSV or Markdown.
public struct PlainTable: Sendable {
  /// Output format of a table.
  public enum Style: Sendable {
    /// Text with aligned columns.
    case text
    case csv
    case markdown
  }

  public let titles: [String]
  public let rows: [[String]]
  /// Number of text columns at the left, aligned to the left; other columns are numbers, aligned to
  /// the right.
  public let words: Int

  public init(_ titles: [String], rows: [[String]], words: Int = 1) {
    self.titles = titles
    self.rows = rows
    self.words = words
  }

  /// The table with its titles, each line with a line feed.
  public func rendered(_ style: Style) -> String {
    let lines: [String] =
      switch style {
      case .text: aligned
      case .csv: ([titles] + rows).map { $0.map(Self.quoted).joined(separator: ",") }
      case .markdown: [bar(titles), bar(rule)] + rows.map(bar)
      }
    return lines.map { $0 + "\n" }.joined()
  }

  private var aligned: [String] {
    let widths = titles.indices.map { column in
      ([titles] + rows).map { $0[column].count }.max() ?? 0
    }
    return ([titles] + rows).map { row in
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column < words ? cell + space : space + cell
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  private var rule: [String] { titles.indices.map { $0 < words ? "---" : "---:" } }

  private func bar(_ cells: [String]) -> String {
    "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
  }

  private static func quoted(_ cell: String) -> String {
    guard cell.contains(where: { ",\"\n\r".contains($0) }) else { return cell }
    return "\"" + cell.replacing("\"", with: "\"\"") + "\""
  }
}
