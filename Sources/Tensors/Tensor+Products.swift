import COpenBLAS

extension Tensor {
  /// Matrix product `self · otherᵀ`: [rows, k] · [n, k]ᵀ → [rows, n].
  public func timesTransposed(_ other: Tensor) -> Tensor {
    precondition(columns == other.columns, "\(shape) · \(other.shape)ᵀ")
    return Tensor(
      [rows, other.rows],
      Self.product(
        elements, other.elements, (rows, other.rows, columns), transposeRight: true))
  }

  /// Matrix product `self · other`: [rows, k] · [k, n] → [rows, n].
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
    let flops = 2 * Double(size.m) * Double(size.n) * Double(size.k)
    let panels = (size.n + panelColumns - 1) / panelColumns
    return [Float](count: size.m * size.n) { target in
      guard let target else { return }
      left.withUnsafeBufferPointer { a in
        right.withUnsafeBufferPointer { b in
          nonisolated(unsafe) let (a, b, target) = (a.baseAddress, b.baseAddress, target)
          ProductThreads.perform(panels, flops: flops) { panel in
            let first = panel * panelColumns
            OpenBLASBuffers.during {
              cblas_sgemm(
                CblasRowMajor, CblasNoTrans, transposeRight ? CblasTrans : CblasNoTrans,
                Int32(size.m), Int32(min(panelColumns, size.n - first)), Int32(size.k), 1, a,
                Int32(size.k), b.map { $0 + (transposeRight ? first * size.k : first) },
                Int32(transposeRight ? size.k : size.n), 0, target + first, Int32(size.n))
            }
          }
        }
      }
    }
  }

  /// Result columns that one thread computes at a time.
  private static let panelColumns = 512
}

/// Matrix product `left · right` in double precision: [m, k] · [k, n] → [m, n], row-major.
public func doubleProduct(_ left: [Double], _ right: [Double], m: Int, n: Int, k: Int) -> [Double] {
  precondition(left.count == m * k && right.count == k * n, "\(m)×\(k) · \(k)×\(n)")
  guard m > 0, n > 0, k > 0 else { return [Double](repeating: 0, count: m * n) }
  return [Double](unsafeUninitializedCapacity: m * n) { result, count in
    OpenBLASBuffers.during {
      cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, left, Int32(k),
        right, Int32(n), 0, result.baseAddress, Int32(n))
    }
    count = m * n
  }
}
