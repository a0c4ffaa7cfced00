import Foundation

/// A column of a plain text table: its title, and a function that gives the cell of a row.
public struct PlainColumn<Row> {
  public let title: String
  public let cell: (Row) -> String

  public init(_ title: String, _ cell: @escaping (Row) -> String) {
    (self.title, self.cell) = (title, cell)
  }

  /// A column of numbers.
  /// - Parameters:
  ///   - format: a `printf` format for a `Double`.
  ///   - value: the number of a row; nil leaves the cell empty.
  public init(_ title: String, _ format: String, _ value: @escaping (Row) -> Double?) {
    self.init(title) { row in value(row).map { String(format: format, $0) } ?? "" }
  }

  /// The column for rows that contain these rows as a part; the cell is empty if the part is nil.
  public func of<Whole>(_ part: @escaping (Whole) -> Row?) -> PlainColumn<Whole> {
    PlainColumn<Whole>(title) { whole in part(whole).map(cell) ?? "" }
  }
}

extension PlainTable {
  /// A table of these columns.
  /// - Parameter words: number of text columns at the left, aligned to the left; other columns are
  ///   numbers, aligned to the right.
  public init<Row>(_ columns: [PlainColumn<Row>], rows: [Row], words: Int = 1) {
    self.init(
      columns.map(\.title), rows: rows.map { row in columns.map { $0.cell(row) } }, words: words)
  }
}
