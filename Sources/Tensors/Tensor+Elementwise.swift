import CKernels
import Foundation

extension Tensor {
  public static func += (left: inout Tensor, right: Tensor) {
    precondition(left.shape == right.shape, "\(left.shape) += \(right.shape)")
    left.elements.withUnsafeMutableBufferPointer { sum in
      right.elements.withUnsafeBufferPointer { addend in
        for index in sum.indices { sum[index] += addend[index] }
      }
    }
  }

  /// Element by element.
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
    updateRows { row, _ in
      for column in row.indices { row[column] += bias[column] }
    }
  }

  public mutating func scale(by factor: Float) {
    elements.withUnsafeMutableBufferPointer { values in
      for index in values.indices { values[index] *= factor }
    }
  }

  /// x · σ(x), the SiLU.
  public mutating func applySiLU() {
    elements.withUnsafeMutableBufferPointer { kernel_silu($0.baseAddress, $0.count) }
  }

  /// The exact GELU, x · Φ(x).
  public mutating func applyGELU() {
    elements.withUnsafeMutableBufferPointer { values in
      for index in values.indices {
        values[index] *= 0.5 * (1 + erff(values[index] * Float(0.5).squareRoot()))
      }
    }
  }

  /// Softmax over the first `width(row)` columns of each row; the rest becomes zero.
  public mutating func applySoftmax(width: (Int) -> Int) {
    updateRows { row, index in
      kernel_softmax(row.baseAddress, width(index), row.count)
    }
  }

  /// Softmax over each whole row.
  public mutating func applySoftmax() {
    let width = columns
    applySoftmax { _ in width }
  }

  /// Each row divided by √(mean of squares + ε), times `weight`, [columns].
  public func rootMeanSquareNormalized(weight: [Float], epsilon: Float) -> Tensor {
    precondition(weight.count == columns, "\(weight.count) against \(shape)")
    var result = self
    result.updateRows { row, _ in
      var squares: Float = 0
      for value in row { squares += value * value }
      let scale = 1 / (squares / Float(row.count) + epsilon).squareRoot()
      for column in row.indices { row[column] = weight[column] * (row[column] * scale) }
    }
    return result
  }

  /// Each row brought to mean 0 and variance 1, times `weight`, plus `bias`, both [columns].
  public func layerNormalized(weight: [Float], bias: [Float], epsilon: Float) -> Tensor {
    precondition(weight.count == columns && bias.count == columns, "\(weight.count), \(shape)")
    var result = self
    result.updateRows { row, _ in
      let mean = row.reduce(0, +) / Float(row.count)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(row.count)
      let scale = 1 / (variance + epsilon).squareRoot()
      for column in row.indices {
        row[column] = (row[column] - mean) * scale * weight[column] + bias[column]
      }
    }
    return result
  }

  /// √Σx² of every row, [rows].
  public func rowNorms() -> [Float] {
    (0..<rows).map { row($0).reduce(0) { $0 + $1 * $1 }.squareRoot() }
  }

  /// Every row divided by its own number.
  public func dividingRows(by divisors: [Float]) -> Tensor {
    precondition(divisors.count == rows, "\(divisors.count) against \(shape)")
    var result = self
    result.updateRows { row, index in
      for column in row.indices { row[column] /= divisors[index] }
    }
    return result
  }

  /// Every row multiplied by its own number.
  public func multiplyingRows(by factors: [Float]) -> Tensor {
    precondition(factors.count == rows, "\(factors.count) against \(shape)")
    var result = self
    result.updateRows { row, index in
      for column in row.indices { row[column] *= factors[index] }
    }
    return result
  }

  /// Adds `rows` of `source`, in order, to the rows at `indices`, each times its weight where there
  /// are weights.
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

  /// Whether no element is infinite or not a number.
  public var isFinite: Bool {
    // Anything times zero is zero, except what is not finite.
    elements.withUnsafeBufferPointer { $0.reduce(0) { $0 + $1 * 0 } } == 0
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

  /// Means of consecutive groups of `size` rows; an incomplete last group is dropped.
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

  /// Runs `update` over the rows in place.
  mutating func updateRows(_ update: (UnsafeMutableBufferPointer<Float>, Int) -> Void) {
    let (rows, columns) = (rows, columns)
    guard columns > 0 else { return }
    elements.withUnsafeMutableBufferPointer { all in
      for index in 0..<rows {
        update(.init(rebasing: all[index * columns..<(index + 1) * columns]), index)
      }
    }
  }
}
