/// A dense, row-major array of single-precision numbers.
///
/// Most tensors are two-dimensional: `rows` is the product of all dimensions but the last,
/// `columns` the last one.
public struct Tensor: Sendable, Equatable {
  /// Dimensions, outermost first.
  public private(set) var shape: [Int]
  /// Elements in row-major order; their number is the product of `shape`.
  public internal(set) var elements: [Float]

  /// Creates a tensor from its elements.
  /// - Parameter elements: row-major; their number must be the product of `shape`.
  public init(_ shape: [Int], _ elements: [Float]) {
    let count = shape.reduce(1, *)
    precondition(elements.count == count, "\(elements.count) elements for shape \(shape)")
    self.shape = shape
    self.elements = elements
  }

  /// A tensor of zeros.
  public static func zeros(_ shape: [Int]) -> Tensor {
    Tensor(shape, [Float](repeating: 0, count: shape.reduce(1, *)))
  }

  public var columns: Int { shape.last ?? 1 }
  public var rows: Int { shape.dropLast().reduce(1, *) }
  public var byteCount: Int { elements.count * MemoryLayout<Float>.size }

  /// A row of the matrix, [columns].
  public func row(_ index: Int) -> ArraySlice<Float> {
    elements[index * columns..<(index + 1) * columns]
  }

  /// Consecutive rows of the matrix, [range, columns].
  public func rows(_ range: Range<Int>) -> Tensor {
    Tensor(
      [range.count, columns],
      Array(elements[range.lowerBound * columns..<range.upperBound * columns]))
  }

  /// The rows at `indices`, in the order of the indices.
  public func gatherRows(_ indices: [Int]) -> Tensor {
    if indices.elementsEqual(0..<rows) { return reshaped([rows, columns]) }
    let gathered = [Float](count: indices.count * columns) { result in
      elements.withUnsafeBufferPointer { source in
        guard let result, let source = source.baseAddress else { return }
        for (row, index) in indices.enumerated() {
          precondition((0..<rows).contains(index), "row \(index) of \(rows)")
          (result + row * columns).update(from: source + index * columns, count: columns)
        }
      }
    }
    return Tensor([indices.count, columns], gathered)
  }

  /// Writes the rows of `source`, in order, to the rows at `indices`.
  public mutating func scatterRows(_ source: Tensor, to indices: [Int]) {
    precondition(
      source.rows == indices.count && source.columns == columns,
      "\(source.shape) into \(indices.count) rows of \(shape)")
    for (from, to) in indices.enumerated() {
      elements.replaceSubrange(to * columns..<(to + 1) * columns, with: source.row(from))
    }
  }

  /// The same elements in another shape.
  public func reshaped(_ shape: [Int]) -> Tensor {
    Tensor(shape, elements)
  }

  /// Appends the rows of another tensor with the same columns.
  public mutating func appendRows(_ other: Tensor) {
    precondition(columns == other.columns, "\(other.shape) after \(shape)")
    shape = [rows + other.rows, columns]
    elements += other.elements
  }

  /// The columns `range` of every row.
  public func columns(_ range: Range<Int>) -> Tensor {
    var taken: [Float] = []
    taken.reserveCapacity(rows * range.count)
    for index in 0..<rows {
      let start = index * columns
      taken.append(contentsOf: elements[start + range.lowerBound..<start + range.upperBound])
    }
    return Tensor([rows, range.count], taken)
  }
}

extension Tensor {
  /// The transposed matrix: [rows, columns] → [columns, rows].
  public func transposed() -> Tensor {
    let (rows, columns) = (rows, columns)
    let turned = [Float](unsafeUninitializedCapacity: elements.count) { result, count in
      for row in 0..<rows {
        for column in 0..<columns { result[column * rows + row] = elements[row * columns + column] }
      }
      count = elements.count
    }
    return Tensor([columns, rows], turned)
  }
}
