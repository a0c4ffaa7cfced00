import COpenBLAS

extension Tensor {
  /// `self · otherᵀ`: [rows, k] · [n, k]ᵀ → [rows, n].
  public func timesTransposed(_ other: Tensor) -> Tensor {
    precondition(columns == other.columns, "\(shape) · \(other.shape)ᵀ")
    return Tensor(
      [rows, other.rows],
      Self.product(
        elements, other.elements, (rows, other.rows, columns), transposeRight: true))
  }

  /// `self · other`: [rows, k] · [k, n] → [rows, n].
  public func times(_ other: Tensor) -> Tensor {
    precondition(columns == other.rows, "\(shape) · \(other.shape)")
    return Tensor(
      [rows, other.columns],
      Self.product(
        elements, other.elements, (rows, other.columns, columns), transposeRight: false))
  }

  private static func product(
    _ left: [Float], _ right: [Float], _ size: (m: Int, n: Int, k: Int), transposeRight: Bool
  ) -> [Float] {
    guard size.m > 0, size.n > 0 else { return [] }
    guard size.k > 0 else { return [Float](repeating: 0, count: size.m * size.n) }
    return [Float](unsafeUninitializedCapacity: size.m * size.n) { result, count in
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, transposeRight ? CblasTrans : CblasNoTrans,
        Int32(size.m), Int32(size.n), Int32(size.k), 1, left, Int32(size.k), right,
        Int32(transposeRight ? size.k : size.n), 0, result.baseAddress, Int32(size.n))
      count = size.m * size.n
    }
  }
}

/// `left · right` in double precision: [m, k] · [k, n] → [m, n], row-major.
public func doubleProduct(_ left: [Double], _ right: [Double], m: Int, n: Int, k: Int) -> [Double] {
  precondition(left.count == m * k && right.count == k * n, "\(m)×\(k) · \(k)×\(n)")
  guard m > 0, n > 0, k > 0 else { return [Double](repeating: 0, count: m * n) }
  return [Double](unsafeUninitializedCapacity: m * n) { result, count in
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, left, Int32(k),
      right, Int32(n), 0, result.baseAddress, Int32(n))
    count = m * n
  }
}

/// The threads that matrix products use, for the whole process.
public enum ProductThreads {
  public static var count: Int { Int(openblas_get_num_threads()) }

  public static func use(_ threads: Int) {
    openblas_set_num_threads(Int32(clamping: max(1, threads)))
  }

  /// The library behind the products, as it names itself.
  public static var libraryDescription: String { String(cString: openblas_get_config()) }
}
