/// Expert matrices stored fused: all experts of a layer in one tensor, as some writers save them.
/// `mlp.experts.gate_up_proj` is [experts, 2 × inner, width] and `mlp.experts.down_proj` [experts,
/// width, inner], or both are transposed: [experts, width, 2 × inner] and [experts, inner, width].
///
/// The model requests the matrices of single experts, by their unfused names:
/// `model.layers.3.mlp.experts.7.up_proj.weight`.
struct FusedExperts: Sendable, Equatable {
  /// Possible names of the fused tensor, without prefixes.
  let names: [String]
  let expert: Int
  /// The matrix takes part `part` (from 0) of `parts` equal parts of the expert's rows.
  let part, parts: Int

  private static let middle = ".mlp.experts."

  /// Parses the name of one expert's matrix; nil for other names.
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

  /// The shape of the fused tensor with this number of experts, not transposed.
  func shape(of matrix: [Int], experts: Int) -> [Int] {
    [experts, parts * (matrix.first ?? 0), matrix.last ?? 0]
  }

  /// Possible names of the layer's other fused tensor: `down_proj` for `gate_up_proj`, and vice
  /// versa.
  var otherNames: [String] {
    names.map {
      parts == 2
        ? $0.replacing("gate_up_proj", with: "down_proj")
        : $0.replacing("down_proj", with: "gate_up_proj")
    }
  }

  /// Whether a fused tensor stores its matrices transposed.
  /// - Parameters:
  ///   - shape: shape of the fused tensor.
  ///   - other: shape of the layer's other fused tensor, which decides if the first is square.
  /// - Returns: nil if the shape fits neither layout.
  func isTransposed(_ shape: [Int], of matrix: [Int], experts: Int, other: [Int]?) -> Bool? {
    let straight = self.shape(of: matrix, experts: experts)
    let turned = [straight[0], straight[2], straight[1]]
    guard shape == straight || shape == turned else { return nil }
    guard straight == turned else { return shape == turned }
    // In the other fused tensor, a matrix has as many rows as this one has columns.
    let (rows, columns) = (matrix.first ?? 0, matrix.last ?? 0)
    return other == (parts == 2 ? [experts, rows, columns] : [experts, rows, 2 * columns])
  }

  /// Reads the matrix from a transposed tensor: row r is column `start + r` of the expert's block.
  func transposedRows(of matrix: [Int], in whole: StoredTensor) -> TransposedRows {
    let (rows, columns) = (matrix.first ?? 0, matrix.last ?? 0)
    return TransposedRows(
      whole: whole, rows: rows, columns: columns, stride: parts * rows,
      start: expert * columns * parts * rows + part * rows)
  }

  /// The matrix's range of elements within the fused tensor, in row-major order.
  func range(of matrix: [Int]) -> Range<Int> {
    let count = matrix.reduce(1, *)
    let start = (expert * parts + part) * count
    return start..<start + count
  }
}

/// A matrix that is stored transposed, as a part of a larger tensor.
struct TransposedRows: RowSource {
  let whole: StoredTensor
  let rows, columns: Int
  /// Distance in elements between stored rows, and offset of the first element.
  let stride, start: Int

  /// Range of the tensor's elements from the first to the last one of the matrix.
  private var elements: Range<Int> {
    start..<start + max(0, columns - 1) * stride + (columns > 0 ? rows : 0)
  }

  func write(_ rows: Range<Int>, to floats: UnsafeMutablePointer<Float>) {
    for column in 0..<columns {
      let first = start + column * stride + rows.lowerBound
      for (row, number) in whole.numbers(first..<first + rows.count).enumerated() {
        floats[row * columns + column] = number
      }
    }
  }

  var files: [FileRange] { whole.files(of: elements) }

  func release() { whole.release(elements) }
}
