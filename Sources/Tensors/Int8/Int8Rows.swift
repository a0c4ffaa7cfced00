import CKernels

/// Activations rounded to 8-bit integers with one scale per row, as input of a quantised matrix.
public struct Int8Rows: Sendable {
  public let rows, columns: Int
  /// Bytes between row starts, never a power of two.
  private let stride: Int
  /// Offset of the first row in memory.
  private let first: Int
  /// Elements of all rows, followed by the scale of each row.
  private let memory: AlignedMemory
  private let scalesStart: Int

  /// Rounds the rows that `write` computes to 8-bit integers.
  private init(
    rows: Int, columns: Int, _ write: (Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    (self.rows, self.columns, first) = (rows, columns, 0)
    stride = (columns + 63) / 64 * 64 + 64
    scalesStart = rows * stride
    memory = AlignedMemory(scalesStart + rows * MemoryLayout<Float>.size)
    let (numbers, scales) = (numbers, scales)
    ProductThreads.performRows(rows, columns: columns) { row in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, columns)) { values in
        guard let values = values.baseAddress else { return }
        write(row, values)
        let start = numbers + row * stride
        scales[row] = kernel_int8_round(values, columns, start)
        // Kernels read groups of four bytes, so the last group is padded.
        for column in columns..<min(stride, columns + Int(int8_quad)) { start[column] = 128 }
      }
    }
  }

  private init(_ whole: Int8Rows, _ range: Range<Int>) {
    (rows, columns, stride) = (range.count, whole.columns, whole.stride)
    first = whole.first + range.lowerBound
    (memory, scalesStart) = (whole.memory, whole.scalesStart)
  }

  /// A range of rows, without a copy.
  public func rows(_ range: Range<Int>) -> Int8Rows {
    precondition(range.upperBound <= rows, "\(range) of \(rows) rows")
    return Int8Rows(self, range)
  }

  private var numbers: UnsafeMutablePointer<UInt8> {
    memory.pointer(to: UInt8.self) + first * stride
  }

  private var scales: UnsafeMutablePointer<Float> {
    memory.pointer(to: Float.self, at: scalesStart) + first
  }

  /// A range of rows as an argument of the C kernels.
  func kernelRows(_ range: Range<Int>) -> int8_rows {
    int8_rows(
      values: numbers + range.lowerBound * stride, stride: stride,
      scales: scales + range.lowerBound, count: range.count, width: columns)
  }
}

extension Int8Rows {
  public init(_ x: Tensor) {
    self.init(x) { row, values in values.update(from: row, count: x.columns) }
  }

  /// Applies `map` to each row in single precision, then rounds to 8-bit integers.
  init(_ x: Tensor, _ map: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void) {
    self = x.elements.withUnsafeBufferPointer { all in
      Int8Rows(rows: x.rows, columns: x.columns) { row, values in
        if let all = all.baseAddress { map(all + row * x.columns, values) }
      }
    }
  }

  public init(_ x: BFloat16Rows) {
    let (source, stride) = (UnsafeShared(x.pointer), x.stride)
    self.init(rows: x.rows, columns: x.columns) { row, values in
      kernel_bf16_widen(source.base + row * stride, x.columns, values)
    }
  }
}
