/// Requested width of a table column.
public enum ColumnWidth: Sendable, Equatable {
  case fixed(Int)
  /// A width of at least `minimum`, plus a share of the remaining width in proportion to `weight`.
  case flexible(minimum: Int, weight: Int = 1)

  var minimum: Int {
    switch self {
    case .fixed(let width): width
    case .flexible(let minimum, _): minimum
    }
  }

  var weight: Int {
    switch self {
    case .fixed: 0
    case .flexible(_, let weight): max(1, weight)
    }
  }
}

/// Divides a width among table columns, and leaves out the least important ones if it is too small.
public enum ColumnLayout {
  /// Requested width and priority of a column; columns with the lowest priority are left out first.
  public struct Request: Sendable, Equatable {
    public let width: ColumnWidth
    public let priority: Int

    public init(_ width: ColumnWidth, priority: Int = 0) {
      self.width = width
      self.priority = priority
    }
  }

  /// Position and width of a column.
  public struct Placement: Sendable, Equatable {
    /// Index of the column in the requests.
    public let column: Int
    /// Distance from the left edge, in cells.
    public let offset: Int
    public let width: Int
  }

  /// Places columns from left to right with `gap` cells between them. Columns never overlap; a
  /// column whose minimum width does not fit is left out.
  public static func place(_ requests: [Request], in width: Int, gap: Int = 1) -> [Placement] {
    var kept = Array(requests.indices)
    func needed() -> Int {
      kept.reduce(0) { $0 + requests[$1].width.minimum } + gap * max(0, kept.count - 1)
    }
    while needed() > width {
      let least = kept.min {
        (requests[$0].priority, -$0) < (requests[$1].priority, -$1)
      }
      guard let least else { break }
      kept.removeAll { $0 == least }
    }
    let spare = shares(of: width - needed(), among: kept.map { requests[$0].width.weight })
    var offset = 0
    return zip(kept, spare).map { column, extra in
      let taken = requests[column].width.minimum + extra
      defer { offset += taken + gap }
      return Placement(column: column, offset: offset, width: taken)
    }
  }

  /// Divides a number of cells in proportion to weights; cells left by rounding go to the first
  /// columns.
  private static func shares(of spare: Int, among weights: [Int]) -> [Int] {
    let sum = weights.reduce(0, +)
    guard spare > 0, sum > 0 else { return weights.map { _ in 0 } }
    var given = weights.map { spare * $0 / sum }
    var left = spare - given.reduce(0, +)
    for index in weights.indices where weights[index] > 0 && left > 0 {
      given[index] += 1
      left -= 1
    }
    return given
  }
}
