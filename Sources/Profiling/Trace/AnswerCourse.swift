/// An answer as it grew, record by record. Each is kept as what it adds to the one before: whole,
/// the records of a long answer would take the square of its length.
struct AnswerCourse: Sendable {
  private var growths: [(idCount: Int, growth: AnswerGrowth)] = []
  /// The longest.
  private(set) var last: AnswerRecord?

  var count: Int { growths.count }

  /// Adds a record, in place of those that have as many tokens or more.
  mutating func append(_ record: AnswerRecord) {
    let stood = growths.count
    while let last = growths.last, last.idCount >= record.tokenCount { growths.removeLast() }
    if growths.count < stood { last = growths.isEmpty ? nil : self[growths.count - 1] }
    growths.append((record.tokenCount, record.growth(since: last ?? .empty)))
    last = record
  }

  /// Put together from the beginning: O(its length).
  subscript(index: Int) -> AnswerRecord {
    growths[...index].reduce(.empty) { $0.grown(by: $1.growth) }
  }

  /// The record at `index`, made of the one before it: O(what it adds).
  func record(at index: Int, after before: AnswerRecord) -> AnswerRecord {
    before.grown(by: growths[index].growth)
  }

  func millisecondsPerToken(at index: Int) -> Double? {
    growths[index].growth.millisecondsPerToken
  }
}
