import Dispatch
import Foundation
import Tensors

/// A matrix whose rows are decoded or merged on demand (quantised, LoRA or transposed weights).
protocol RowSource: Sendable {
  /// Number of elements in a row.
  var columns: Int { get }

  /// Writes rows in single precision, row-major. Must be thread-safe.
  func write(_ rows: Range<Int>, to floats: UnsafeMutablePointer<Float>)

  /// Parts of files from which the rows are read.
  var files: [FileRange] { get }

  /// Releases the mapped memory pages of the rows.
  func release()
}

extension RowSource {
  /// Number of rows that one thread decodes at a time.
  private static var blockRows: Int { 64 }

  /// Decodes rows on several threads.
  func writeConcurrently(_ rows: Range<Int>, to floats: UnsafeMutablePointer<Float>) {
    nonisolated(unsafe) let floats = floats
    let blocks = (rows.count + Self.blockRows - 1) / Self.blockRows
    DispatchQueue.concurrentPerform(iterations: blocks) { block in
      let first = rows.lowerBound + block * Self.blockRows
      write(
        first..<min(rows.upperBound, first + Self.blockRows),
        to: floats + (first - rows.lowerBound) * columns)
    }
  }

  /// A range of the matrix's elements in single precision, row-major.
  func numbers(_ range: Range<Int>) -> [Float] {
    guard !range.isEmpty, columns > 0 else { return [] }
    let rows = range.lowerBound / columns..<(range.upperBound - 1) / columns + 1
    let count = rows.count * columns
    let all = [Float](unsafeUninitializedCapacity: count) { floats, initialized in
      if let floats = floats.baseAddress { writeConcurrently(rows, to: floats) }
      initialized = count
    }
    let skipped = range.lowerBound - rows.lowerBound * columns
    return range.count == count ? all : Array(all[skipped..<skipped + range.count])
  }
}
