import Tensors

/// A tensor of known shape and type that is read, decoded or generated only when it is used.
struct StoredTensor: Sendable {
  let shape: [Int]
  let type: ElementType
  let place: Place

  enum Place: Sendable {
    /// Elements stored in a byte range of a mapped file.
    case mapped(MappedFile, Range<Int>)
    case random(RandomWeights, name: String)
    /// Rows decoded or merged on demand, in single precision.
    case made(any RowSource)
  }

  /// Calls `read` with the tensor's bytes, then releases their memory pages.
  func withBytes<Result>(_ read: (UnsafeRawBufferPointer) -> Result) -> Result {
    switch place {
    case .mapped(let file, let range):
      defer { file.release(range) }
      return file.withBytes(range, read)
    case .random(let weights, let name):
      return weights.withBytes(name, shape: shape, 0..<shape.reduce(1, *), read)
    case .made(let rows):
      defer { rows.release() }
      return rows.numbers(0..<shape.reduce(1, *)).withUnsafeBytes(read)
    }
  }

  /// The whole tensor in single precision.
  func tensor() -> Tensor {
    if case .made(let rows) = place {
      defer { rows.release() }
      return Tensor(shape, rows.numbers(0..<shape.reduce(1, *)))
    }
    return Tensor(shape, withBytes { type.floats($0) })
  }

  /// Selected rows of a matrix in single precision; other rows are not read.
  func rows(_ indices: [Int]) -> Tensor {
    let columns = shape.last ?? 1
    var elements: [Float] = []
    elements.reserveCapacity(indices.count * columns)
    for index in indices { elements += numbers(index * columns..<(index + 1) * columns) }
    return Tensor([indices.count, columns], elements)
  }

  /// Writes rows of a matrix to `floats` in single precision, row-major.
  func write(_ rows: Range<Int>, to floats: UnsafeMutablePointer<Float>) {
    if case .made(let source) = place { return source.write(rows, to: floats) }
    let columns = shape.last ?? 1
    let numbers = numbers(rows.lowerBound * columns..<rows.upperBound * columns)
    numbers.withUnsafeBufferPointer { numbers in
      if let numbers = numbers.baseAddress {
        floats.update(from: numbers, count: rows.count * columns)
      }
    }
  }

  /// Releases the tensor's mapped memory pages.
  func release() {
    switch place {
    case .mapped(let file, let range): file.release(range)
    case .random: break
    case .made(let rows): rows.release()
    }
  }

  /// A range of elements in single precision, row-major.
  func numbers(_ range: Range<Int>) -> [Float] {
    switch place {
    case .mapped(let file, let bytes):
      let start = bytes.lowerBound + range.lowerBound * type.width
      return file.withBytes(start..<start + range.count * type.width) { type.floats($0) }
    case .random(let weights, let name):
      return weights.withBytes(name, shape: shape, range) { type.floats($0) }
    case .made(let rows): return rows.numbers(range)
    }
  }

  /// Rounds the matrix to bfloat16 and packs it for the matrix kernels.
  func fill(_ matrix: PackedMatrix, part: Int = 0) {
    if case .made(let rows) = place {
      matrix.fill(part: part) { rows.write($0, to: $1) }
      return rows.release()
    }
    withBytes { matrix.fill($0, type.format, part: part) }
  }

  /// Quantises the matrix to 8 bits in groups and packs it for the matrix kernels.
  func fill(_ matrix: QuantizedMatrix, part: Int = 0) {
    if case .made(let rows) = place {
      matrix.fill(part: part) { rows.write($0, to: $1) }
      return rows.release()
    }
    withBytes { matrix.fill($0, type.format, part: part) }
  }
}

extension ElementType {
  fileprivate var format: WeightFormat {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    case .float16: .float16
    }
  }
}
