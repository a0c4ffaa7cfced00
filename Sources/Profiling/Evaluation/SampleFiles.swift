// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys are spelled as lmms-eval has them.

import Foundation
import Media

/// Answers in the layout of lmms-eval's `…_samples_TASK.jsonl`, a file for each method and budget.
public struct SampleFiles: Sendable {
  private struct Sample: Encodable {
    struct Document: Encodable {
      let id, media, question: String
      let choices: [String]
      let answer: String?
      let kind: String
    }

    let doc_id: Int
    let doc: Document
    let target, input: String
    /// As answered, and the letter found in it.
    let resps: [[String]]
    let filtered_resps: [String]
    let metrics: [String]
    /// 1 or 0; left out where nobody says what is right.
    let exact_match: Double?
    /// What was lost, cut or assumed; no key of lmms-eval's. Left out where there is nothing.
    let notices: [String]?
  }

  private let file: TaskFile
  private let input: InputLayers
  private let instruction: String

  /// - Parameter input: as the questions were asked under.
  public init(
    _ file: TaskFile, input: InputLayers = InputLayers(),
    instruction: String = EvaluationSet.instruction
  ) {
    self.file = file
    self.input = input
    self.instruction = instruction
  }

  /// File names and contents; within a file, tasks in file order.
  public func contents(_ results: [SweepResult]) throws -> [(name: String, data: Data)] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let groups = Dictionary(grouping: results, by: \.point)
    var names: [String: Int] = [:]
    return try groups.keys.sorted().map { point in
      let byID = Dictionary(
        (groups[point] ?? []).map { ($0.question, $0) }, uniquingKeysWith: { first, _ in first })
      let lines = try file.tasks.enumerated().compactMap { index, task throws -> Data? in
        guard let result = byID[task.id] else { return nil }
        return try encoder.encode(sample(index, task, result)).escapedJSON + Data("\n".utf8)
      }
      // Other settings of the same method and budget are another file.
      let base = "\(point.method)-\(point.retention.formatted(.number.grouping(.never)))"
      names[base, default: 0] += 1
      let suffix = names[base] == 1 ? "" : "-\(names[base] ?? 0)"
      return ("\(base)\(suffix)_samples_\(file.name).jsonl", lines.reduce(Data(), +))
    }
  }

  private func sample(
    _ index: Int, _ task: TaskFile.Task, _ result: SweepResult
  ) throws(InputFault) -> Sample {
    // The text of a preset is the same for every family.
    let settings = try input.with(task: task.input).inForce(InputSettings(), for: .qwen25)
    return Sample(
      doc_id: index,
      doc: .init(
        id: task.id, media: task.media, question: task.question, choices: task.choices,
        answer: task.answer, kind: task.kind),
      target: task.answer ?? "", input: task.text(settings, instruction: instruction),
      resps: [[result.answer]], filtered_resps: [task.given(result.answer)],
      metrics: ["exact_match"], exact_match: result.isRight.map { $0 ? 1 : 0 },
      notices: result.notices == nil && result.notes == nil
        ? nil : (result.notices ?? []) + (result.notes ?? []))
  }
}
