import Foundation

/// A column of a plain table: its title, and the cell of a row.
public struct PlainColumn<Row> {
  public let title: String
  public let cell: (Row) -> String

  public init(_ title: String, _ cell: @escaping (Row) -> String) {
    (self.title, self.cell) = (title, cell)
  }

  /// A column of numbers.
  /// - Parameters:
  ///   - format: of `printf`, for a `Double`.
  ///   - value: nil leaves the cell empty.
  public init(_ title: String, _ format: String, _ value: @escaping (Row) -> Double?) {
    self.init(title) { row in value(row).map { String(format: format, $0) } ?? "" }
  }

  /// The column in a table whose rows contain these rows; its cell is empty where one does not.
  public func of<Whole>(_ part: @escaping (Whole) -> Row?) -> PlainColumn<Whole> {
    PlainColumn<Whole>(title) { whole in part(whole).map(cell) ?? "" }
  }
}

extension PlainTable {
  /// - Parameter words: number of left-aligned text columns; the others are right-aligned numbers.
  public init<Row>(_ columns: [PlainColumn<Row>], rows: [Row], words: Int = 1) {
    self.init(
      columns.map(\.title), rows: rows.map { row in columns.map { $0.cell(row) } }, words: words)
  }
}
