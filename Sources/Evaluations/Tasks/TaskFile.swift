import Basics
import Foundation
import Media
import OmniModel
import Runs

/// A task file: questions about media files, in JSON Lines:
/// `{"id": "q1", "media": "talk.mp4", "question": "Who speaks?", "choices": ["a man", "a woman"], "answer": "B"}`
public struct TaskFile: Sendable {
  /// One question of a task file, about one clip.
  public struct Task: Sendable, Equatable {
    /// Id of the task, unique in its file.
    public let id: String
    /// Path of a clip directory or a media file.
    public let media: String
    public let question: String
    /// Answer choices; empty for an open question.
    public let choices: [String]
    /// The letter of the right choice, or the right text; nil if unknown.
    public let answer: String?
    /// Type of the question; `task` if the file names none.
    public let kind: String
    /// Input settings of this task.
    public var input = InputSettings()
    /// How the letter of a choice is extracted from an answer.
    var reading = Reading.letters
    /// SHA-256 hash of the entry, as in lmms-eval's `doc_hash`; nil if unknown.
    public internal(set) var documentHash: String?
  }

  /// Name of the task file without its extension.
  public let name: String
  public let tasks: [Task]
  /// Name of the benchmark whose layout the file has; nil for the layout of seats-top.
  public let layout: String?

  /// Maximum size of a task file, in bytes.
  public static let sizeLimit = 64 << 20

  /// Reads the task file at `path`.
  /// - Parameter mediaRoot: folder that media paths are relative to; default: the folder of the
  ///   file.
  /// - Throws: `EvaluationError`.
  public init(_ path: String, mediaRoot: String? = nil) throws(EvaluationError) {
    let text: String
    do {
      text = try FileInput.text(path, limit: Self.sizeLimit)
    } catch {
      throw .unreadableTasks(file: path, reason: error.reason)
    }
    try self.init(text, path: path, mediaRoot: mediaRoot)
  }

  /// SHA-256 hash of an entry as Python's `json.dumps(…, indent=2, ensure_ascii=False)` writes it.
  static func hash(_ document: OrderedJSON) -> String {
    SHA256.hexadecimal(of: document.pythonText)
  }

  init(_ text: String, path: String, mediaRoot: String? = nil) throws(EvaluationError) {
    let text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
    let file = URL(filePath: path)
    name = file.deletingPathExtension().lastPathComponent
    if let published = try PublishedTasks(text, path: path, root: mediaRoot) {
      (tasks, layout) = (published.tasks, published.layout)
      return
    }
    layout = nil
    let directory =
      mediaRoot.map { URL(filePath: $0, directoryHint: .isDirectory) }
      ?? file.deletingLastPathComponent()
    var tasks: [Task] = []
    var ids: Set<String> = []
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, line) in lines.enumerated() where line.contains(where: { !$0.isWhitespace }) {
      do {
        var task = try Task(try Line(line), in: directory)
        task.documentHash = OrderedJSON(fromOutside: Data(line.utf8)).map(Self.hash)
        guard ids.insert(task.id).inserted else { throw TaskProblem.twice(task.id) }
        tasks.append(task)
      } catch {
        throw .badTask(file: path, line: index + 1, reason: TaskProblem.words(error))
      }
    }
    guard !tasks.isEmpty else { throw .badTask(file: path, line: 1, reason: "no tasks") }
    self.tasks = tasks
  }
}

extension TaskFile.Task {
  static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

  fileprivate init(_ line: TaskFile.Line, in directory: URL) throws {
    try self.init(
      id: line.id.text, media: URL(filePath: line.media, relativeTo: directory).path,
      question: line.question, written: line.choices ?? [], answer: line.answer,
      kind: line.kind ?? "task")
    input = try InputSettings(
      (line.input ?? [:]).sorted { $0.key < $1.key }.map {
        (key: $0.key, text: $0.value.text)
      })
  }

  /// A task of a task file.
  /// - Parameters:
  ///   - written: the choices, with or without letters.
  ///   - answer: a letter, the text of a choice, or both.
  /// - Throws: `TaskProblem`.
  init(
    id: String, media: String, question: String, written choices: [String], answer: String?,
    kind: String
  ) throws {
    guard choices.count <= Self.letters.count else { throw TaskProblem.tooManyChoices }
    let bare = ChoiceLabel.removed(from: choices)
    (self.id, self.media, self.question, self.kind) = (id, media, question, kind)
    self.choices = bare
    self.answer = try answer.map { try Self.letter($0, bare, labelled: choices) }
  }

  /// The letter of the right choice, given as letter or text; without choices, the text.
  private static func letter(
    _ answer: String, _ choices: [String], labelled: [String]
  ) throws -> String {
    guard !choices.isEmpty else { return answer }
    let known = letters.prefix(choices.count)
    let index =
      choices.firstIndex(of: answer) ?? labelled.firstIndex(of: answer)
      ?? choices.firstIndex { $0.isSameWording(as: answer) }
    if let index { return String(letters[letters.index(letters.startIndex, offsetBy: index)]) }
    guard let letter = ChoiceLabel.letter(of: answer), known.contains(letter) else {
      throw TaskProblem.noChoice(answer)
    }
    return String(letter)
  }

  /// The text for the model: question, choices (one per line), and the suffix; if there is no
  /// suffix and there are choices, the instruction.
  func text(
    _ settings: InputSettings = InputSettings(), instruction: String
  ) -> String {
    let lines = zip(Self.letters, choices).map { "\($0). \($1)" }
    let below = settings.suffix ?? (choices.isEmpty ? "" : instruction)
    return ([question] + lines + (below.isEmpty ? [] : [below])).joined(separator: "\n")
  }

  /// Whether an answer is right: compared by letter if there are choices, otherwise by text.
  func isRight(_ text: String) -> Bool {
    guard let answer else { return false }
    return choices.isEmpty ? given(text).isSameWording(as: answer) : given(text) == answer
  }

  /// The extracted answer: the letter (empty if there is none), or the text.
  func given(_ text: String) -> String { reading(text).given }

  /// Reason why a generated text has no final answer; nil if it has one.
  func problem(_ text: String) -> String? {
    if Reasoning.isUnfinished(text) {
      return choices.isEmpty
        ? "answer ends inside <think>: no final answer"
        : "answer ends inside <think>: letter read from the reasoning"
    }
    guard !choices.isEmpty else { return nil }
    let (given, isStated) = reading(text)
    if isStated { return nil }
    return given.isEmpty
      ? "no letter found in the answer"
      : "no letter found in the answer: \(given) assumed, as in lmms-eval"
  }

  private func reading(_ text: String) -> (given: String, isStated: Bool) {
    let bare = Reasoning.removed(from: text)
    guard !choices.isEmpty else { return (bare, true) }
    if reading == .worldSense, 3...4 ~= choices.count {
      let (letter, isStated) = WorldSenseLetter.found(in: bare, of: choices)
      return (String(letter), isStated)
    }
    let letter = ChoiceLetter.found(in: text, of: choices.count).map(String.init) ?? ""
    return (letter, !letter.isEmpty)
  }

  /// How the letter of a choice is extracted from an answer.
  enum Reading: Sendable, Equatable {
    /// The rule of lmms-eval's multiple-choice tasks.
    case letters
    /// The rule of lmms-eval's WorldSense task.
    case worldSense
  }
}

extension TaskFile {
  /// One line of a task file.
  fileprivate struct Line: Decodable {
    /// A JSON string or number, as text.
    struct Name: Decodable {
      let text: String

      init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        text = try (try? value.decode(String.self)) ?? "\(value.decode(Int.self))"
      }
    }

    let id: Name
    let media, question: String
    let choices: [String]?
    let answer, kind: String?
    let input: [String: Scalar]?

    /// A JSON string, number or Boolean, as text; nil for other types.
    struct Scalar: Decodable {
      let text: String?

      init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        text =
          (try? value.decode(String.self)) ?? (try? value.decode(Bool.self)).map { "\($0)" }
          ?? (try? value.decode(Int.self)).map { "\($0)" }
          ?? (try? value.decode(Double.self)).map { "\($0)" }
      }
    }

    init(_ line: Substring) throws {
      self = try JSONDecoder().decode(Line.self, fromOutside: Data(line.utf8))
    }
  }
}

enum TaskProblem: Error {
  case twice(String)
  case noChoice(String)
  case tooManyChoices

  static func words(_ error: any Error) -> String {
    switch error {
    case .twice(let id) as TaskProblem: "duplicate id \(id)"
    case .noChoice(let answer) as TaskProblem: "answer \(answer) is not among the choices"
    case TaskProblem.tooManyChoices: "more than 26 choices"
    case let fault as InputFault: "invalid input: \(fault.words)"
    case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "\(context.codingPath.first?.stringValue ?? "content") has the wrong type"
    case .missing(let key) as TaskLayoutProblem: "\(key) is missing"
    case .otherLayout(let name) as TaskLayoutProblem:
      "layout differs from the entries before it (\(name))"
    default: "not a JSON object"
    }
  }
}

extension EvaluationSet {
  /// The tasks of a file as an evaluation set; questions about the same media share a clip.
  /// - Parameters:
  ///   - input: the other sources of input settings.
  ///   - instruction: text after the choices, used if no suffix is set.
  /// - Throws: `InputFault` for an unknown preset.
  public init(
    tasks file: TaskFile, input: InputLayers = InputLayers(), for thinker: Thinker,
    instruction: String = InputPreset.choiceInstruction
  ) throws(InputFault) {
    let family = thinker.configuration.family
    var order: [TaskClip] = []
    var questions: [TaskClip: [EvaluationQuestion]] = [:]
    var inputs: [TaskClip: InputSettings] = [:]
    for (index, task) in file.tasks.enumerated() {
      let clip = TaskClip(task)
      if questions[clip] == nil { order.append(clip) }
      let settings = try input.with(task: task.input).inForce(InputSettings(), for: family)
      inputs[clip] = settings
      questions[clip, default: []].append(
        EvaluationQuestion(
          id: task.id, kind: task.kind, text: task.text(settings, instruction: instruction),
          choices: task.choices, answer: task.answer,
          document: EvaluationDocument(
            id: index, hash: task.documentHash, target: task.answer ?? ""),
          problem: { task.problem($0) }, judge: { task.isRight($0) }))
    }
    self.init(
      name: file.name,
      clips: order.map { clip in
        EvaluationClip(
          id: clip.id, windows: nil, questions: questions[clip] ?? [],
          input: inputs[clip] ?? InputSettings(), identity: { Self.identity(of: clip.media) },
          load: {
            let layers = input.with(task: clip.input)
            return EvaluationMedia(
              try blocking { try await layers.clip(clip.media, thinker) }, for: thinker)
          })
      })
  }
}

/// A clip of a task file. Tasks about the same media with the same settings share it, so that its
/// encoders run once.
private struct TaskClip: Hashable {
  let media: String
  let input: InputSettings

  init(_ task: TaskFile.Task) {
    media = task.media
    // The suffix is part of the question, not of the media.
    var input = task.input
    input.suffix = nil
    self.input = input
  }

  /// Id of the clip in its set: media path and settings.
  var id: String {
    let settings = input.entries.map { "\($0.field.rawValue) \($0.text)" }
    return settings.isEmpty ? media : "\(media) (\(settings.joined(separator: ", ")))"
  }

  func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
