/// Requested width of a column.
public enum ColumnWidth: Sendable, Equatable {
  case fixed(Int)
  /// At least `minimum`, plus a share of the remaining width by `weight`.
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

/// Divides a width among columns; drops the least important ones if it is too narrow.
public enum ColumnLayout {
  /// Width and priority of a column; the lowest priority is dropped first.
  public struct Request: Sendable, Equatable {
    public let width: ColumnWidth
    public let priority: Int

    public init(_ width: ColumnWidth, priority: Int = 0) {
      self.width = width
      self.priority = priority
    }
  }

  /// Position of a column.
  public struct Placement: Sendable, Equatable {
    /// Index of the request.
    public let column: Int
    /// Cells from the left edge.
    public let offset: Int
    public let width: Int
  }

  /// Places columns from left to right with `gap` cells between them. Columns do not overlap; a
  /// column whose minimum does not fit is absent.
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

  /// Whole cells in proportion to weights; the rest goes to the leftmost.
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
