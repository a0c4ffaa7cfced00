import Foundation

/// An answer as it grew, record by record. Each is kept as what it adds to the one before: whole,
/// the records of a long answer would take the square of its length.
struct AnswerCourse: Sendable {
  /// A record by what it has in common with the one before, and what follows.
  private struct Growth: Sendable {
    let keptIDs: Int
    let ids: [Int]
    /// UTF-8; may stop in the middle of a character.
    let keptBytes: Int
    let bytes: [UInt8]
    /// Nil where they are those of the record before.
    let topLogits: [AnswerRecord.Candidate]?
    let millisecondsPerToken: Double?
    let isComplete: Bool

    var idCount: Int { keptIDs + ids.count }
  }

  private var growths: [Growth] = []
  /// The longest.
  private(set) var last: AnswerRecord?

  var count: Int { growths.count }

  /// Adds a record, in place of those that have as many tokens or more.
  mutating func append(_ record: AnswerRecord) {
    let stood = growths.count
    while let growth = growths.last, growth.idCount >= record.tokenIDs.count {
      growths.removeLast()
    }
    if growths.count < stood { last = growths.isEmpty ? nil : self[growths.count - 1] }
    let bytes = Array(record.text.utf8)
    let keptIDs = Self.common(last?.tokenIDs ?? [], record.tokenIDs)
    let keptBytes = Self.common(Array((last?.text ?? "").utf8), bytes)
    growths.append(
      Growth(
        keptIDs: keptIDs, ids: Array(record.tokenIDs.dropFirst(keptIDs)), keptBytes: keptBytes,
        bytes: Array(bytes.dropFirst(keptBytes)),
        topLogits: record.topLogits == last?.topLogits ? nil : record.topLogits,
        millisecondsPerToken: record.millisecondsPerToken, isComplete: record.isComplete))
    last = record
  }

  /// Put together from the beginning: O(its length).
  subscript(index: Int) -> AnswerRecord {
    var (ids, bytes): ([Int], [UInt8]) = ([], [])
    var topLogits: [AnswerRecord.Candidate] = []
    for growth in growths[...index] {
      ids.removeLast(ids.count - growth.keptIDs)
      ids += growth.ids
      bytes.removeLast(bytes.count - growth.keptBytes)
      bytes += growth.bytes
      topLogits = growth.topLogits ?? topLogits
    }
    return AnswerRecord(
      text: String(decoding: bytes, as: UTF8.self), tokenIDs: ids, topLogits: topLogits,
      millisecondsPerToken: growths[index].millisecondsPerToken,
      isComplete: growths[index].isComplete)
  }

  func millisecondsPerToken(at index: Int) -> Double? { growths[index].millisecondsPerToken }

  /// How many elements both begin with, found by halves: an answer of thousands of tokens is compared
  /// with each of its stages.
  private static func common<Element: BitwiseCopyable>(_ a: [Element], _ b: [Element]) -> Int {
    let width = MemoryLayout<Element>.stride
    return a.withUnsafeBytes { a in
      b.withUnsafeBytes { b in
        var (same, end) = (0, min(a.count, b.count) / width)
        while same < end {
          let middle = (same + end + 1) / 2
          let part = same * width..<middle * width
          if isSame(a[part], b[part]) { same = middle } else { end = middle - 1 }
        }
        return same
      }
    }
  }

  private static func isSame(
    _ a: Slice<UnsafeRawBufferPointer>, _ b: Slice<UnsafeRawBufferPointer>
  ) -> Bool {
    let (a, b) = (UnsafeRawBufferPointer(rebasing: a), UnsafeRawBufferPointer(rebasing: b))
    guard let first = a.baseAddress, let second = b.baseAddress else { return true }
    return memcmp(first, second, a.count) == 0
  }
}
