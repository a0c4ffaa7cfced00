import Basics
import Foundation
import Media

/// Writes answers like lmms-eval 0.7 with `--log_samples`: `DATE_samples_TASK.jsonl`, with method
/// and budget after the date.
public struct LMMSEvalWriter: Sendable {
  private let file: TaskFile
  private let input: InputLayers
  private let instruction: String

  /// - Parameter input: input settings of the questions.
  public init(
    _ file: TaskFile, input: InputLayers = InputLayers(),
    instruction: String = EvaluationSet.instruction
  ) {
    self.file = file
    self.input = input
    self.instruction = instruction
  }

  /// Names and contents of the files; within a file, tasks in file order.
  /// - Parameter date: date of the run, in file names to the second in the local time zone.
  public func contents(
    _ results: [SweepResult], date: Date = Date()
  ) throws -> [(name: String, data: Data)] {
    let groups = Dictionary(grouping: results, by: \.point)
    let stamp = Self.stamp(date)
    var names: [String: Int] = [:]
    return try groups.keys.sorted().map { point in
      let byID = Dictionary(
        (groups[point] ?? []).map { ($0.question, $0) }, uniquingKeysWith: { first, _ in first })
      let lines = try file.tasks.enumerated().compactMap { index, task throws -> Data? in
        guard let result = byID[task.id] else { return nil }
        let sample = try sample(index, task, result)
        return Data(sample.pythonLine.utf8).escapedJSON + Data("\n".utf8)
      }
      // Other settings of the same method and budget go to another file.
      let base = stamp + Self.suffix(point)
      names[base, default: 0] += 1
      let suffix = names[base] == 1 ? "" : "-\(names[base] ?? 0)"
      return ("\(base)\(suffix)_samples_\(file.name).jsonl", lines.reduce(Data(), +))
    }
  }

  /// `_seats-10`; empty for full tokens.
  private static func suffix(_ point: SweepPoint.Key) -> String {
    if point.method == "full" { return "" }
    return "_\(point.method)-\(point.retention.formatted(.number.grouping(.never)))"
  }

  /// `20261127_013000`.
  private static func stamp(_ date: Date) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .current
    let parts = calendar.dateComponents(
      [.year, .month, .day, .hour, .minute, .second], from: date)
    return String(
      format: "%04d%02d%02d_%02d%02d%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0,
      parts.hour ?? 0, parts.minute ?? 0, parts.second ?? 0)
  }

  /// Keys in lmms-eval's order.
  private func sample(
    _ index: Int, _ task: TaskFile.Task, _ result: SweepResult
  ) throws(InputFault) -> OrderedJSON {
    // A preset's text is the same for every family.
    let settings = try input.with(task: task.input).inForce(InputSettings(), for: .standard)
    let filtered = task.given(result.answer)
    var members: [OrderedJSON.Member] = [
      .init("doc_id", .number("\(index)")), .init("target", .string(task.answer ?? "")),
    ]
    if result.answer != filtered {
      members.append(.init("resps", .array([.string(result.answer)])))
    }
    members += [
      .init("filtered_resps", .array([.string(filtered)])),
      .init("token_counts", .array([Self.counts(result)])),
    ]
    if let hash = task.documentHash { members.append(.init("doc_hash", .string(hash))) }
    // Left out without a right answer.
    if let isRight = result.isRight {
      members.append(.init("exact_match", .number(isRight ? "1.0" : "0.0")))
    }
    // Not a key of lmms-eval.
    let notices = (result.notices ?? []) + (result.notes ?? [])
    if !notices.isEmpty {
      members.append(.init("notices", .array(notices.map { .string($0) })))
    }
    members.append(.init("input", .string(task.text(settings, instruction: instruction))))
    return .object(members)
  }

  /// Null if the results do not state it.
  private static func counts(_ result: SweepResult) -> OrderedJSON {
    guard let prompt = result.promptTokens, let answer = result.answerTokens else { return .null }
    return .object([
      .init("input_tokens", .number("\(prompt)")), .init("output_tokens", .number("\(answer)")),
    ])
  }
}
