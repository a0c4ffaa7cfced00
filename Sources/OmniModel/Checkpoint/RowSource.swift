import Dispatch
import Foundation
import Tensors

/// A matrix that is stored in another form than it is used in: its rows are made when they are
/// needed, some at a time.
protocol RowSource: Sendable {
  /// Numbers of a row.
  var columns: Int { get }

  /// Writes rows in single precision, row-major. Safe to call on several threads at once.
  func write(_ rows: Range<Int>, to floats: UnsafeMutablePointer<Float>)

  /// Lets the pages go that the rows were made from; they come in again when they are read again.
  func release()
}

extension RowSource {
  /// Rows that a thread makes at once.
  private static var blockRows: Int { 64 }

  /// Writes rows on several threads.
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

  /// Numbers of the matrix, counted row by row.
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
