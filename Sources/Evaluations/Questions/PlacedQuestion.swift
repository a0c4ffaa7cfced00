import Basics
import Foundation
import Media
import Runs
import SyntheticWorld

/// Where a clip or a conversation comes from.
public enum ClipPlace: Sendable, Hashable {
  /// A clip directory or a media file.
  case clip(String)
  /// A messages file.
  case messages(String)
  /// A scene of a benchmark file, rendered when it is opened.
  case scene(file: String, clip: String)

  /// Path of the file.
  public var path: String {
    switch self {
    case .clip(let path), .messages(let path), .scene(let path, _): path
    }
  }
}

/// A question of a file, and what opens its clip.
public struct PlacedQuestion: Sendable, Equatable {
  /// Name of the question, unique in its file.
  public let name: String
  public let kind: String
  public let place: ClipPlace
  /// The question; nil for the clip's own.
  public let asked: AskedQuestion?
  /// Input settings of the question.
  public let input: InputSettings
}

/// The questions of a task file or of a benchmark of scenes.
public struct PlacedQuestions: Sendable, Equatable {
  public let file: String
  /// The questions, in file order.
  public let questions: [PlacedQuestion]

  /// Reads a task file or a benchmark.
  /// - Throws: `EvaluationError`.
  public init(_ file: String) throws(EvaluationError) {
    self.file = file
    if let benchmark = Self.benchmark(file), !benchmark.clips.isEmpty {
      questions = benchmark.clips.flatMap { clip in
        clip.questions.map {
          PlacedQuestion(
            name: $0.id, kind: $0.type, place: .scene(file: file, clip: clip.clip),
            asked: AskedQuestion($0.question, answer: $0.answer), input: InputSettings())
        }
      }
      return
    }
    questions = try TaskFile(file).tasks.map { task in
      PlacedQuestion(
        name: task.id, kind: task.kind, place: .clip(task.media),
        asked: AskedQuestion(
          task.question, choices: task.choices, answer: task.answer,
          instruction: InputPreset.choiceInstruction),
        input: task.input)
    }
  }

  private static func benchmark(_ file: String) -> Benchmark? {
    guard let text = try? FileInput.text(file, limit: Benchmark.sizeLimit) else { return nil }
    return try? Benchmark(parsing: text)
  }

  public subscript(name: String) -> PlacedQuestion? { questions.first { $0.name == name } }
}

extension PlacedQuestions {
  /// The file with the questions of a results file: one of `known` with the name of the set, or a
  /// file of that name beside the results; nil if there is none.
  static func file(ofSet set: String, results: String, known: [String]) -> String? {
    let folder = URL(filePath: results).deletingLastPathComponent()
    let beside = ["", ".jsonl", ".json", ".tsv"].map { folder.appending(path: set + $0).path }
    return (known + beside).first { path in
      let url = URL(filePath: path)
      let isNamed =
        url.lastPathComponent == set || url.deletingPathExtension().lastPathComponent == set
      return isNamed && FileManager.default.fileExists(atPath: path)
    }
  }
}
