import Runs

/// All intermediate answers of a streamed answer, stored as differences, so that memory is linear
/// in the answer's length.
public struct AnswerHistory: Sendable, Equatable {
  private struct Stage: Sendable, Equatable {
    let idCount: Int
    let growth: AnswerGrowth
  }

  private var stages: [Stage] = []
  /// The latest answer; nil before the first token.
  public private(set) var last: AnswerRecord?

  public var count: Int { stages.count }

  /// Appends an intermediate answer. It replaces those that have as many tokens or more.
  mutating func append(_ record: AnswerRecord) {
    let stood = stages.count
    while let last = stages.last, last.idCount >= record.tokenCount { stages.removeLast() }
    if stages.count < stood { last = stages.isEmpty ? nil : self[stages.count - 1] }
    stages.append(
      Stage(idCount: record.tokenCount, growth: record.growth(since: last ?? .empty)))
    last = record
  }

  /// The answer at index `index`. O(length).
  public subscript(index: Int) -> AnswerRecord {
    stages[...index].reduce(.empty) { $0.grown(by: $1.growth) }
  }

  /// The answer at `index`, computed from the answer before it. O(difference).
  public func record(at index: Int, after before: AnswerRecord) -> AnswerRecord {
    before.grown(by: stages[index].growth)
  }

  public func millisecondsPerToken(at index: Int) -> Double? {
    stages[index].growth.millisecondsPerToken
  }
}
