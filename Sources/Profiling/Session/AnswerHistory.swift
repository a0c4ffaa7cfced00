/// The stages of a streamed answer, stored as differences, so that memory is linear in its length.
struct AnswerHistory: Sendable, Equatable {
  private struct Stage: Sendable, Equatable {
    let idCount: Int
    let growth: AnswerGrowth
  }

  private var stages: [Stage] = []
  /// The latest stage.
  private(set) var last: AnswerRecord?

  var count: Int { stages.count }

  /// Adds a stage; it replaces those with as many tokens or more.
  mutating func append(_ record: AnswerRecord) {
    let stood = stages.count
    while let last = stages.last, last.idCount >= record.tokenCount { stages.removeLast() }
    if stages.count < stood { last = stages.isEmpty ? nil : self[stages.count - 1] }
    stages.append(
      Stage(idCount: record.tokenCount, growth: record.growth(since: last ?? .empty)))
    last = record
  }

  /// The answer at a stage. O(length).
  subscript(index: Int) -> AnswerRecord {
    stages[...index].reduce(.empty) { $0.grown(by: $1.growth) }
  }

  /// The answer at a stage, from the previous one. O(difference).
  func record(at index: Int, after before: AnswerRecord) -> AnswerRecord {
    before.grown(by: stages[index].growth)
  }

  func millisecondsPerToken(at index: Int) -> Double? {
    stages[index].growth.millisecondsPerToken
  }
}
