import Basics
import Foundation
import Media
import Runs

/// Writes answers in the format of lmms-eval 0.7 with `--log_samples`. Files are named
/// `DATE_samples_TASK.jsonl`, with method and budget after the date.
public struct LMMSEvalWriter: Sendable {
  private let file: TaskFile
  private let input: InputLayers
  private let instruction: String

  /// A writer for the answers to these tasks.
  /// - Parameter input: input settings of the questions.
  public init(
    _ file: TaskFile, input: InputLayers = InputLayers(),
    instruction: String = InputPreset.choiceInstruction
  ) {
    self.file = file
    self.input = input
    self.instruction = instruction
  }

  /// Names and contents of all files; within a file, answers are in the order of the tasks.
  /// - Parameter date: date of the run; file names contain it to the second, in the local time
  ///   zone.
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
      // The same method and budget with other settings goes to a separate file.
      let base = stamp + Self.suffix(point)
      names[base, default: 0] += 1
      let suffix = names[base] == 1 ? "" : "-\(names[base] ?? 0)"
      return ("\(base)\(suffix)_samples_\(file.name).jsonl", lines.reduce(Data(), +))
    }
  }

  /// File name part for method and budget: `_seats-10`; empty for full tokens.
  private static func suffix(_ point: SweepPoint.Key) -> String {
    if point.method == "full" { return "" }
    return "_\(point.method)-\(point.retention.formatted(.number.grouping(.never)))"
  }

  /// Date as in file names of lmms-eval: `20261127_013000`.
  private static func stamp(_ date: Date) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .current
    let parts = calendar.dateComponents(
      [.year, .month, .day, .hour, .minute, .second], from: date)
    return String(
      format: "%04d%02d%02d_%02d%02d%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0,
      parts.hour ?? 0, parts.minute ?? 0, parts.second ?? 0)
  }

  /// One line of the file, with its keys in lmms-eval's order.
  private func sample(
    _ index: Int, _ task: TaskFile.Task, _ result: SweepResult
  ) throws(InputFault) -> OrderedJSON {
    // The text of a preset is the same for every model family.
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
    // The metric is left out if there is no right answer.
    if let isRight = result.isRight {
      members.append(.init("exact_match", .number(isRight ? "1.0" : "0.0")))
    }
    // This key is an addition; lmms-eval does not have it.
    let notices = (result.notices ?? []) + (result.notes ?? [])
    if !notices.isEmpty {
      members.append(.init("notices", .array(notices.map { .string($0) })))
    }
    members.append(.init("input", .string(task.text(settings, instruction: instruction))))
    return .object(members)
  }

  /// Token counts of prompt and answer; null if the results do not contain them.
  private static func counts(_ result: SweepResult) -> OrderedJSON {
    guard let prompt = result.promptTokens, let answer = result.answerTokens else { return .null }
    return .object([
      .init("input_tokens", .number("\(prompt)")), .init("output_tokens", .number("\(answer)")),
    ])
  }
}
