import Tensors

/// New hidden states of some tokens, after others were merged into them: as numbers, or as weighted sums of the
/// rule's input rows, computed where those rows are.
public struct ChangedRows: Sendable {
  /// The sum of weighted rows.
  public struct Sum: Sendable, Equatable {
    /// Offsets among the rule's input tokens, and their weights.
    public var rows: [Int]
    public var weights: [Float]
  }

  private enum Content: Sendable {
    case rows(Tensor)
    case sums([Sum])
  }

  /// Offsets of the changed tokens, ascending.
  public let offsets: [Int]
  private let content: Content

  /// - Parameter rows: new hidden states, [offsets, hiddenSize].
  public init(offsets: [Int], rows: Tensor) {
    (self.offsets, content) = (offsets, .rows(rows))
  }

  private init(_ offsets: [Int], _ content: Content) {
    (self.offsets, self.content) = (offsets, content)
  }

  /// New hidden states scale · (own row + Σ weight · merged row).
  /// - Parameter scale: factor of a token, from the sum of the weights merged into it.
  init(_ merges: [TokenMerge], scale: (Float) -> Float) {
    var sums: [Int: Sum] = [:]
    for merge in merges {
      sums[merge.survivor, default: Sum(rows: [merge.survivor], weights: [1])]
        .append(merge.token, merge.weight)
    }
    offsets = sums.keys.sorted()
    content = .sums(
      offsets.compactMap { sums[$0] }.map { sum in
        let factor = scale(sum.weights.dropFirst().reduce(0, +))
        return Sum(rows: sum.rows, weights: sum.weights.map { $0 * factor })
      })
  }

  /// Weighted sums of input rows; nil if the states are given as numbers.
  public var sums: [Sum]? {
    if case .sums(let sums) = content { sums } else { nil }
  }

  /// States given as numbers, [offsets, hiddenSize]; nil for sums.
  public var numbers: Tensor? {
    if case .rows(let rows) = content { rows } else { nil }
  }

  /// New hidden states, [offsets, hiddenSize].
  /// - Parameter input: rows of the rule's input tokens.
  public func rows(of input: Tensor) -> Tensor {
    switch content {
    case .rows(let rows): return rows
    case .sums(let sums):
      let terms = sums.enumerated().flatMap { row, sum in
        zip(sum.rows, sum.weights).map { (row: row, source: $0, weight: $1) }
      }
      var rows = Tensor(
        [sums.count, input.columns], [Float](repeating: 0, count: sums.count * input.columns))
      for block in blocks(terms.count, of: TokenAbsorption.block) {
        let part = terms[block]
        rows.addRows(
          input.gatherRows(part.map(\.source)), to: part.map(\.row), weights: part.map(\.weight))
      }
      return rows
    }
  }

  /// The changes at `indices` of `offsets`, with other offsets; sums keep the rows that they are of.
  public func subset(_ indices: [Int], offsets: [Int]) -> ChangedRows {
    switch content {
    case .rows(let rows): ChangedRows(offsets: offsets, rows: rows.gatherRows(indices))
    case .sums(let sums): ChangedRows(offsets, .sums(indices.map { sums[$0] }))
    }
  }

  /// A copy in which offsets are replaced by their positions.
  func moved(to positions: [Int]) -> ChangedRows {
    switch content {
    case .rows: subset(Array(offsets.indices), offsets: offsets.map { positions[$0] })
    case .sums(let sums):
      ChangedRows(
        offsets.map { positions[$0] },
        .sums(sums.map { Sum(rows: $0.rows.map { positions[$0] }, weights: $0.weights) }))
    }
  }
}

extension ChangedRows.Sum {
  fileprivate mutating func append(_ row: Int, _ weight: Float) {
    rows.append(row)
    weights.append(weight)
  }
}
