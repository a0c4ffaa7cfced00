import CKernels

/// Rows of bfloat16 elements, ready to be multiplied by a packed matrix.
public struct BFloat16Rows: Sendable {
  public let rows, columns: Int
  /// Elements between row starts: whole pairs, and never a power of two, so that adjacent rows do
  /// not share cache lines.
  let stride: Int
  /// Offset of the first row in memory.
  private let first: Int
  private let memory: AlignedMemory

  /// Creates uninitialised rows, each followed by zero padding.
  init(rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    stride = (columns + 31) / 32 * 32 + 32
    memory = AlignedMemory(rows * stride * 2)
    first = 0
    for row in 0..<rows {
      let end = pointer + row * stride
      for column in columns..<stride { end[column] = 0 }
    }
  }

  private init(_ whole: BFloat16Rows, _ range: Range<Int>) {
    (rows, columns, stride) = (range.count, whole.columns, whole.stride)
    first = whole.first + range.lowerBound
    memory = whole.memory
  }

  /// A range of rows, without a copy.
  public func rows(_ range: Range<Int>) -> BFloat16Rows {
    precondition(range.upperBound <= rows, "\(range) of \(rows) rows")
    return BFloat16Rows(self, range)
  }

  var pointer: UnsafeMutablePointer<UInt16> {
    memory.pointer(to: UInt16.self) + first * stride
  }

  /// A range of rows as an argument of the C kernels.
  func kernelRows(_ range: Range<Int>) -> bf16_rows {
    bf16_rows(
      values: pointer + range.lowerBound * stride, stride: stride, count: range.count,
      width: columns)
  }
}

extension BFloat16Rows {
  /// Rounds a tensor to bfloat16: to nearest, ties to even.
  public init(_ x: Tensor) {
    self.init(rows: x.rows, columns: x.columns)
    let (result, stride, columns) = (UnsafeShared(pointer), stride, columns)
    x.forEachRowInParallel { row, index in
      kernel_bf16_round(row, columns, result.base + index * stride)
    }
  }

  /// Applies `map` to each row in single precision, then rounds to bfloat16.
  init(_ x: Tensor, _ map: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void) {
    self.init(rows: x.rows, columns: x.columns)
    let (result, stride, columns) = (UnsafeShared(pointer), stride, columns)
    x.forEachRowInParallel { row, index in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, columns)) { mapped in
        guard let mapped = mapped.baseAddress else { return }
        map(row, mapped)
        kernel_bf16_round(mapped, columns, result.base + index * stride)
      }
    }
  }

  /// The elements in single precision.
  public var tensor: Tensor {
    var elements: [Float] = []
    elements.reserveCapacity(rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        elements.append(Float(bitPattern: UInt32(pointer[row * stride + column]) << 16))
      }
    }
    return Tensor([rows, columns], elements)
  }
}

/// A pointer shared by several threads, each of which writes its own part.
struct UnsafeShared<Element>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Element>

  init(_ base: UnsafeMutablePointer<Element>) { self.base = base }
}
