import Dispatch
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
  func tensor() -> Tensor {
    switch place {
    case .mapped(let file, let range): Tensor(shape, widened(file, range))
    case .random: Tensor(shape, numbers(0..<shape.reduce(1, *)))
    case .made(let rows): Tensor(shape, Self.numbers(rows, shape.reduce(1, *)))
    }
  }

  private static func numbers(_ rows: any RowSource, _ count: Int) -> [Float] {
    defer { rows.release() }
    return rows.numbers(0..<count)
  }

  /// Number of elements that one thread converts at a time.
  private static let blockCount = 1 << 18

  private func widened(_ file: MappedFile, _ range: Range<Int>) -> [Float] {
    let floats = Self.blocks(range.count / type.width) { numbers, floats in
      let start = range.lowerBound + numbers.lowerBound * type.width
      let bytes = start..<start + numbers.count * type.width
      file.withBytes(bytes) { type.widen($0, to: floats) }
      file.release(bytes)
    }
    file.release(range)
    return floats
  }

  private func generated(_ weights: RandomWeights, _ name: String, _ range: Range<Int>) -> [Float] {
    Self.blocks(range.count) { numbers, floats in
      let first = range.lowerBound + numbers.lowerBound
      widen(weights, name, first..<first + numbers.count, to: floats)
    }
  }

  /// Generates elements and converts them to single precision.
  private func widen(
    _ weights: RandomWeights, _ name: String, _ range: Range<Int>,
    to floats: UnsafeMutableBufferPointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 4096) { halves in
      guard let halves = halves.baseAddress else { return }
      for first in stride(from: 0, to: range.count, by: 4096) {
        let part = first..<min(range.count, first + 4096)
        let start = range.lowerBound + first
        weights.write(name, shape: shape, start..<start + part.count, to: halves)
        type.widen(
          UnsafeRawBufferPointer(start: halves, count: 2 * part.count),
          to: UnsafeMutableBufferPointer(rebasing: floats[part]))
      }
    }
  }

  /// An array of `count` elements, written by several threads in blocks.
  private static func blocks(
    _ count: Int, _ make: @Sendable (Range<Int>, UnsafeMutableBufferPointer<Float>) -> Void
  ) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { floats, initialized in
      nonisolated(unsafe) let floats = floats
      let blocks = (count + blockCount - 1) / blockCount
      DispatchQueue.concurrentPerform(iterations: blocks) { block in
        let numbers = block * blockCount..<min(count, (block + 1) * blockCount)
        make(numbers, UnsafeMutableBufferPointer(rebasing: floats[numbers]))
      }
      initialized = count
    }
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

  /// Parts of files that contain the tensor's elements; empty for generated weights.
  var files: [FileRange] {
    switch place {
    case .mapped(let file, let range): [FileRange(file: file, range: range)]
    case .random: []
    case .made(let rows): rows.files
    }
  }

  /// Parts of files that contain a range of elements; for decoded rows those of all elements.
  func files(of elements: Range<Int>) -> [FileRange] {
    guard case .mapped(let file, let range) = place else { return files }
    return [FileRange(file: file, range: bytes(of: elements, in: range))]
  }

  /// Releases the mapped pages of a range of elements; for decoded rows those of all elements.
  func release(_ elements: Range<Int>) {
    guard case .mapped(let file, let range) = place else { return release() }
    file.release(bytes(of: elements, in: range))
  }

  private func bytes(of elements: Range<Int>, in range: Range<Int>) -> Range<Int> {
    let start = range.lowerBound + elements.lowerBound * type.width
    return start..<start + elements.count * type.width
  }

  /// A range of elements in single precision, row-major.
  func numbers(_ range: Range<Int>) -> [Float] {
    switch place {
    case .mapped(let file, let bytes):
      let start = bytes.lowerBound + range.lowerBound * type.width
      return file.withBytes(start..<start + range.count * type.width) { type.floats($0) }
    case .random(let weights, let name): return generated(weights, name, range)
    case .made(let rows): return rows.numbers(range)
    }
  }

  /// Rounds the matrix to bfloat16 and packs it for the matrix kernels.
  func fill(_ matrix: PackedMatrix, part: Int = 0) {
    switch place {
    case .mapped(let file, let range):
      file.withBytes(range) {
        matrix.fill($0, type.format, part: part, finished: file.releasing(range))
      }
      file.release(range)
    case .random(let weights, let name):
      // The rows of one panel at a time, so that they stay in the cache.
      matrix.fillHalves(part: part) { rows, halves in
        let columns = matrix.inputs
        weights.write(
          name, shape: shape, rows.lowerBound * columns..<rows.upperBound * columns, to: halves)
      }
    case .made(let rows):
      matrix.fill(part: part) { rows.write($0, to: $1) }
      rows.release()
    }
  }

  /// Quantises the matrix to 8 bits in groups and packs it for the matrix kernels.
  func fill(_ matrix: QuantizedMatrix, part: Int = 0) {
    switch place {
    case .mapped(let file, let range):
      file.withBytes(range) {
        matrix.fill($0, type.format, part: part, finished: file.releasing(range))
      }
      file.release(range)
    case .random(let weights, let name):
      matrix.fill(part: part) { rows, floats in
        let columns = matrix.inputs
        widen(
          weights, name, rows.lowerBound * columns..<rows.upperBound * columns,
          to: UnsafeMutableBufferPointer(start: floats, count: rows.count * columns))
      }
    case .made(let rows):
      matrix.fill(part: part) { rows.write($0, to: $1) }
      rows.release()
    }
  }
}

extension MappedFile {
  /// Releases the pages of parts of `range`; offsets are relative to its start.
  fileprivate func releasing(_ range: Range<Int>) -> (Range<Int>) -> Void {
    { [self] part in
      release(range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
    }
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
