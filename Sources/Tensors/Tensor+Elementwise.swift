import CKernels

extension Tensor {
  /// Elementwise sum; shapes must be equal.
  public static func += (left: inout Tensor, right: Tensor) {
    precondition(left.shape == right.shape, "\(left.shape) += \(right.shape)")
    right.elements.withUnsafeBufferPointer { addend in
      guard let base = addend.baseAddress else { return }
      nonisolated(unsafe) let terms = base
      left.updateRows { row, index in
        kernel_add(row.baseAddress, terms + index * row.count, row.count)
      }
    }
  }

  /// Elementwise product; shapes must be equal.
  public static func *= (left: inout Tensor, right: Tensor) {
    precondition(left.shape == right.shape, "\(left.shape) *= \(right.shape)")
    left.elements.withUnsafeMutableBufferPointer { product in
      right.elements.withUnsafeBufferPointer { factor in
        for index in product.indices { product[index] *= factor[index] }
      }
    }
  }

  /// Adds `bias`, [columns], to every row.
  public mutating func addToRows(_ bias: [Float]) {
    precondition(bias.count == columns, "\(bias.count) onto \(shape)")
    updateRows { row, _ in kernel_add(row.baseAddress, bias, row.count) }
  }

  /// Multiplies every element by a factor.
  public mutating func scale(by factor: Float) {
    elements.withUnsafeMutableBufferPointer { values in
      for index in values.indices { values[index] *= factor }
    }
  }

  /// Applies SiLU, x · σ(x), to every element.
  public mutating func applySiLU() {
    updateRows { row, _ in kernel_silu(row.baseAddress, row.count) }
  }

  /// Applies the exact GELU, x · Φ(x), to every element.
  public mutating func applyGELU() {
    updateRows { row, _ in kernel_gelu(row.baseAddress, row.count) }
  }

  /// Applies GELU with tanh, x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), to every element.
  public mutating func applyTanhGELU() {
    updateRows { row, _ in kernel_tanh_gelu(row.baseAddress, row.count) }
  }

  /// Applies softmax to the first `width(row)` columns of each row; the rest becomes zero.
  public mutating func applySoftmax(width: (Int) -> Int) {
    updateRows { row, index in
      kernel_softmax(row.baseAddress, width(index), row.count)
    }
  }

  /// Applies softmax to each whole row.
  public mutating func applySoftmax() {
    let width = columns
    applySoftmax { _ in width }
  }

  /// RMSNorm: each row divided by √(mean of squares + ε), times `weight`, [columns].
  public func rootMeanSquareNormalized(weight: [Float], epsilon: Float) -> Tensor {
    precondition(weight.count == columns, "\(weight.count) against \(shape)")
    return mappingRows { row, normal in
      kernel_rms_norm(row, columns, weight, epsilon, normal)
    }
  }

  /// LayerNorm: each row normalised to mean 0 and variance 1, times `weight`, plus `bias`, both
  /// [columns].
  public func layerNormalized(weight: [Float], bias: [Float], epsilon: Float) -> Tensor {
    precondition(weight.count == columns && bias.count == columns, "\(weight.count), \(shape)")
    return mappingRows { row, normal in
      kernel_layer_norm(row, columns, weight, bias, epsilon, normal)
    }
  }

  /// Euclidean norm √Σx² of every row, [rows].
  public func rowNorms() -> [Float] {
    (0..<rows).map { row($0).reduce(0) { $0 + $1 * $1 }.squareRoot() }
  }

  /// Divides every row by its element of `divisors`, [rows].
  public func dividingRows(by divisors: [Float]) -> Tensor {
    precondition(divisors.count == rows, "\(divisors.count) against \(shape)")
    var result = self
    result.updateRows { row, index in
      for column in row.indices { row[column] /= divisors[index] }
    }
    return result
  }

  /// Multiplies every row by its element of `factors`, [rows].
  public func multiplyingRows(by factors: [Float]) -> Tensor {
    precondition(factors.count == rows, "\(factors.count) against \(shape)")
    var result = self
    result.updateRows { row, index in
      for column in row.indices { row[column] *= factors[index] }
    }
    return result
  }

  /// Adds the rows of `source`, in order, to the rows at `indices`, each multiplied by its weight
  /// if `weights` are given.
  public mutating func addRows(_ source: Tensor, to indices: [Int], weights: [Float]? = nil) {
    precondition(
      source.rows == indices.count && source.columns == columns
        && weights?.count ?? indices.count == indices.count,
      "\(source.shape) onto \(indices.count) rows of \(shape)")
    let columns = columns
    elements.withUnsafeMutableBufferPointer { sums in
      source.elements.withUnsafeBufferPointer { addends in
        for (from, to) in indices.enumerated() {
          let weight = weights?[from] ?? 1
          for column in 0..<columns {
            sums[to * columns + column] += weight * addends[from * columns + column]
          }
        }
      }
    }
  }

  /// Whether all elements are finite.
  public var isFinite: Bool {
    elements.withUnsafeBufferPointer { kernel_zero_if_finite($0.baseAddress, $0.count) } == 0
  }

  /// Whether every row can be normalised: all elements are finite, and no sum of squares overflows.
  public var canBeNormalized: Bool {
    let (rows, columns) = (rows, columns)
    return elements.withUnsafeBufferPointer { all in
      guard let base = all.baseAddress else { return true }
      return (0..<rows).allSatisfy { kernel_sum_of_squares(base + $0 * columns, columns).isFinite }
    }
  }

  /// Sum of each column, [columns].
  public func columnSums() -> [Float] {
    var sums = [Float](repeating: 0, count: columns)
    let (rows, columns) = (rows, columns)
    sums.withUnsafeMutableBufferPointer { sums in
      elements.withUnsafeBufferPointer { elements in
        for row in 0..<rows {
          for column in 0..<columns { sums[column] += elements[row * columns + column] }
        }
      }
    }
    return sums
  }

  /// Mean of each group of `size` consecutive rows; an incomplete last group is dropped.
  public func meanOfRowGroups(_ size: Int) -> Tensor {
    let groups = rows / size
    var means = Tensor.zeros([groups, columns])
    let scale = 1 / Float(size)
    means.updateRows { mean, group in
      for index in group * size..<(group + 1) * size {
        for (column, value) in self.row(index).enumerated() { mean[column] += value }
      }
      for column in mean.indices { mean[column] *= scale }
    }
    return means
  }

}

extension Tensor {
  /// Calls `update` for all rows, in place and in parallel.
  mutating func updateRows(_ update: (UnsafeMutableBufferPointer<Float>, Int) -> Void) {
    let (rows, columns) = (rows, columns)
    guard columns > 0 else { return }
    elements.withUnsafeMutableBufferPointer { all in
      guard let base = all.baseAddress else { return }
      let all = UnsafeShared(base)
      ProductThreads.performRows(rows, columns: columns) { index in
        update(.init(start: all.base + index * columns, count: columns), index)
      }
    }
  }

  /// Calls `read` for all rows, in parallel.
  func forEachRowInParallel(_ read: (UnsafePointer<Float>, Int) -> Void) {
    elements.withUnsafeBufferPointer { all in
      guard let base = all.baseAddress else { return }
      nonisolated(unsafe) let all = base
      ProductThreads.performRows(rows, columns: columns) { read(all + $0 * columns, $0) }
    }
  }

  /// Creates a tensor of the same shape whose rows are written by `map`, in parallel.
  func mappingRows(
    _ map: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    let mapped = [Float](count: elements.count) { base in
      guard let base else { return }
      let result = UnsafeShared(base)
      forEachRowInParallel { row, index in map(row, result.base + index * columns) }
    }
    return Tensor(shape, mapped)
  }
}
