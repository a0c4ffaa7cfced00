/// The matrices of all experts of a layer in one tensor each, as some savers write them:
/// `mlp.experts.gate_up_proj` [experts, 2 × inner, width] and `mlp.experts.down_proj`
/// [experts, width, inner].
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

  /// The element range of the matrix within the tensor.
  func range(of matrix: [Int]) -> Range<Int> {
    let count = matrix.reduce(1, *)
    let start = (expert * parts + part) * count
    return start..<start + count
  }
}
