/// The matrices of all experts of a layer in one tensor each, as some savers write them:
/// `mlp.experts.gate_up_proj` [experts, 2 × inner, width] and `mlp.experts.down_proj`
/// [experts, width, inner], or both transposed: [experts, width, 2 × inner] and [experts, inner, width].
///
/// Experts are requested singly, by the names of unfused ones:
/// `model.layers.3.mlp.experts.7.up_proj.weight`.
struct FusedExperts: Sendable, Equatable {
  /// Possible plain names of the fused tensor.
  let names: [String]
  let expert: Int
  /// The matrix is part `part` of `parts` of the expert's rows.
  let part, parts: Int

  private static let middle = ".mlp.experts."

  /// Nil if `name` is not that of an expert's matrix.
  init?(_ name: String) {
    guard let range = name.firstRange(of: Self.middle) else { return nil }
    let rest = name[range.upperBound...].split(separator: ".", omittingEmptySubsequences: false)
    guard rest.count == 3, let expert = Int(rest[0]), expert >= 0, rest[2] == "weight" else {
      return nil
    }
    let stem: String
    switch rest[1] {
    case "gate_proj": (stem, part, parts) = ("gate_up_proj", 0, 2)
    case "up_proj": (stem, part, parts) = ("gate_up_proj", 1, 2)
    case "down_proj": (stem, part, parts) = ("down_proj", 0, 1)
    default: return nil
    }
    self.expert = expert
    let whole = name[..<range.upperBound] + stem
    names = [String(whole), whole + ".weight"]
  }

  /// The shape of the fused tensor for `experts`.
  func shape(of matrix: [Int], experts: Int) -> [Int] {
    [experts, parts * (matrix.first ?? 0), matrix.last ?? 0]
  }

  /// The other tensor of the layer: that of `down_proj` for `gate_up_proj`, and the other way round.
  var otherNames: [String] {
    names.map {
      parts == 2
        ? $0.replacing("gate_up_proj", with: "down_proj")
        : $0.replacing("down_proj", with: "gate_up_proj")
    }
  }

  /// Whether a tensor holds matrices transposed.
  /// - Parameters:
  ///   - shape: of the tensor.
  ///   - other: the shape of the layer's other tensor, for where the first alone is square.
  /// - Returns: nil where it fits neither way.
  func isTransposed(_ shape: [Int], of matrix: [Int], experts: Int, other: [Int]?) -> Bool? {
    let straight = self.shape(of: matrix, experts: experts)
    let turned = [straight[0], straight[2], straight[1]]
    guard shape == straight || shape == turned else { return nil }
    guard straight == turned else { return shape == turned }
    // Of the other tensor a matrix has as many rows as this one has columns.
    let (rows, columns) = (matrix.first ?? 0, matrix.last ?? 0)
    return other == (parts == 2 ? [experts, rows, columns] : [experts, rows, 2 * columns])
  }

  /// A transposed matrix: row r is column `start + r` of the expert's part of the tensor.
  func transposedRows(of matrix: [Int], in whole: StoredTensor) -> TransposedRows {
    let (rows, columns) = (matrix.first ?? 0, matrix.last ?? 0)
    return TransposedRows(
      whole: whole, columns: columns, stride: parts * rows,
      start: expert * columns * parts * rows + part * rows)
  }

  /// The element range of the matrix within the tensor.
  func range(of matrix: [Int]) -> Range<Int> {
    let count = matrix.reduce(1, *)
    let start = (expert * parts + part) * count
    return start..<start + count
  }
}

/// A matrix that is stored transposed, as part of a tensor.
struct TransposedRows: RowSource {
  let whole: StoredTensor
  let columns: Int
  /// Numbers between one row of the stored matrix and the next, and before its first.
  let stride, start: Int

  func write(_ rows: Range<Int>, to floats: UnsafeMutablePointer<Float>) {
    for column in 0..<columns {
      let first = start + column * stride + rows.lowerBound
      for (row, number) in whole.numbers(first..<first + rows.count).enumerated() {
        floats[row * columns + column] = number
      }
    }
  }

  func release() { whole.release() }
}
