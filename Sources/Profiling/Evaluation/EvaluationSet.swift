import Basics
import Media
import OmniModel

/// An evaluation set: clips with questions.
///
/// The interface between sources of questions (benchmark, clips, task file) and evaluations
/// (sweeps, dependency curves).
public struct EvaluationSet: Sendable {
  /// Name in results.
  public let name: String
  public let clips: [EvaluationClip]

  public init(name: String, clips: [EvaluationClip]) {
    self.name = name
    self.clips = clips
  }

  public var questionCount: Int { clips.reduce(0) { $0 + $1.questions.count } }

  /// Fingerprint of questions and settings, independent of the file.
  public var fingerprint: String {
    let text = clips.flatMap { clip in
      let input = clip.input.entries.map { "\t\($0.field.rawValue)=\($0.text)" }.joined()
      return clip.questions.map {
        "\(clip.id)\t\($0.id)\t\($0.text)\t\($0.answer ?? "")\(input)"
      }
    }
    return text.joined(separator: "\n").stableHash
  }

  /// At most `count` clips, spread evenly over all of them.
  public func spread(over count: Int) -> EvaluationSet {
    let count = min(max(1, count), clips.count)
    return EvaluationSet(
      name: name, clips: (0..<count).map { clips[$0 * clips.count / count] })
  }

  /// Every n-th clip of a shard; a deterministic split.
  public func part(_ shard: Shard) -> EvaluationSet {
    EvaluationSet(
      name: name,
      clips: clips.enumerated().filter { $0.offset % shard.count == shard.index - 1 }
        .map(\.element))
  }

  /// The questions that satisfy `isWanted`; clips without any are removed.
  func filter(_ isWanted: (EvaluationQuestion) -> Bool) -> EvaluationSet {
    let kept = clips.map { clip in
      EvaluationClip(
        id: clip.id, windows: clip.windows, questions: clip.questions.filter(isWanted),
        input: clip.input, identified: clip.identity, load: clip.load)
    }
    return EvaluationSet(name: name, clips: kept.filter { !$0.questions.isEmpty })
  }
}

/// A clip and its questions.
public struct EvaluationClip: Sendable {
  /// Unique in its set.
  public let id: String
  /// Temporal windows, if known without loading.
  public let windows: Int?
  public let questions: [EvaluationQuestion]
  /// Input settings, as far as known before reading.
  public let input: InputSettings
  /// Fingerprint of media and input settings, without decoding; nil if unreadable.
  public let identity: @Sendable () -> String?
  /// Reads or renders the clip, ignoring its own question. May block.
  public let load: @Sendable () throws -> EvaluationMedia

  public init(
    id: String, windows: Int?, questions: [EvaluationQuestion],
    input: InputSettings = InputSettings(),
    identity: @escaping @Sendable () -> String? = { nil },
    load: @escaping @Sendable () throws -> EvaluationMedia
  ) {
    self.init(
      id: id, windows: windows, questions: questions, input: input,
      identified: { identity().map { $0 + input.identity } }, load: load)
  }

  /// - Parameter identity: fingerprint of media and settings.
  init(
    id: String, windows: Int?, questions: [EvaluationQuestion], input: InputSettings,
    identified identity: @escaping @Sendable () -> String?,
    load: @escaping @Sendable () throws -> EvaluationMedia
  ) {
    self.id = id
    self.windows = windows
    self.questions = questions
    self.input = input
    self.identity = identity
    self.load = load
  }
}

/// A loaded clip or conversation.
public struct EvaluationMedia: Sendable {
  public let conversation: Conversation
  /// The loaded files; nil for rendered scenes.
  let loaded: LoadedConversation?

  public init(_ input: ClipInput) {
    conversation = Conversation(input)
    loaded = nil
  }

  init(_ loaded: LoadedConversation) {
    conversation = loaded.conversation
    self.loaded = loaded
  }

  init(_ clip: Clip, for thinker: Thinker) {
    self.init(LoadedConversation(clip, for: thinker))
  }
}

/// A question with its answer.
public struct EvaluationQuestion: Sendable {
  /// Unique in its set.
  public let id: String
  /// Type of question, such as `x_colour`.
  public let kind: String
  /// Text for the model, with choices.
  public let text: String
  public let choices: [String]
  /// The right answer; nil if unknown.
  public let answer: String?
  /// Its document in the task file; nil if none.
  let document: EvaluationDocument?
  /// Reason why a text has no final answer; nil if it has.
  let problem: @Sendable (String) -> String?
  /// Whether an answer is right.
  private let judge: @Sendable (String) -> Bool

  /// - Parameters:
  ///   - problem: short reason why a text has no final answer; default: any text is an answer.
  ///   - judge: whether an answer is right; default: exact match.
  public init(
    id: String, kind: String, text: String, choices: [String] = [], answer: String?,
    document: EvaluationDocument? = nil,
    problem: @escaping @Sendable (String) -> String? = { _ in nil },
    judge: (@Sendable (String) -> Bool)? = nil
  ) {
    self.document = document
    self.problem = problem
    self.id = id
    self.kind = kind
    self.text = text
    self.choices = choices
    self.answer = answer
    self.judge = judge ?? { $0 == answer }
  }

  /// Identity besides the id: words, choices and right answer.
  var identity: String {
    let parts = [text] + choices + [answer ?? ""]
    return FileFingerprint.of(text: parts.map { "\($0.utf8.count):\($0)" }.joined())
  }

  /// Whether a text is right; nil without a known answer.
  func isRight(_ text: String) -> Bool? { answer == nil ? nil : judge(text) }
}

/// lmms-eval's identity of a question.
public struct EvaluationDocument: Sendable, Equatable, Codable {
  /// Index in the file, from 0: `doc_id`.
  public let id: Int
  /// SHA-256 of the entry: `doc_hash`; nil if unknown.
  public let hash: String?
  /// The right answer: a letter or words; empty if unknown.
  public let target: String
}

/// One of n parts of a set, counted from 1: `2/8`.
public struct Shard: Sendable, Equatable, Codable {
  public let index, count: Int

  /// Nil for invalid text.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]), count >= 1,
      count <= 1_000_000, 1...count ~= index
    else { return nil }
    (self.index, self.count) = (index, count)
  }
}

extension String {
  /// FNV-1a in hexadecimal: the same on every run and machine.
  var stableHash: String { String(FNV1a(self).value, radix: 16) }
}

extension InputSettings {
  /// Identity of the settings, part of a media fingerprint; empty if nothing is set.
  var identity: String {
    guard !isEmpty else { return "" }
    let text = entries.map { "\($0.field.rawValue)=\($0.text.utf8.count):\($0.text)" }
    return "+" + FileFingerprint.of(text: text.joined(separator: "\n"))
  }
}
