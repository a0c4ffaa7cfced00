import Basics
import Media
import OmniModel
import Runs

/// An evaluation set: clips with questions.
///
/// All sources of questions (benchmark files, clips, task files) create one, and all evaluations
/// (sweeps, dependency curves) read it.
public struct EvaluationSet: Sendable {
  /// Name of the evaluation set in results files.
  public let name: String
  public let clips: [EvaluationClip]

  public init(name: String, clips: [EvaluationClip]) {
    self.name = name
    self.clips = clips
  }

  public var questionCount: Int { clips.reduce(0) { $0 + $1.questions.count } }

  /// Fingerprint of all questions and settings; it does not depend on the file name.
  public var fingerprint: String {
    let text = clips.flatMap { clip in
      let input = clip.input.entries.map { "\t\($0.field.rawValue)=\($0.text)" }.joined()
      return clip.questions.map {
        "\(clip.id)\t\($0.id)\t\($0.text)\t\($0.answer ?? "")\(input)"
      }
    }
    return text.joined(separator: "\n").stableHash
  }

  /// A subset of at most `count` clips, spread evenly over all of them.
  public func spread(over count: Int) -> EvaluationSet {
    let count = min(max(1, count), clips.count)
    return EvaluationSet(
      name: name, clips: (0..<count).map { clips[$0 * clips.count / count] })
  }

  /// The clips of one shard: every n-th clip. The same set gives the same shards.
  public func part(_ shard: Shard) -> EvaluationSet {
    EvaluationSet(
      name: name,
      clips: clips.enumerated().filter { $0.offset % shard.count == shard.index - 1 }
        .map(\.element))
  }

  /// A subset with the questions that satisfy `isWanted`; clips without any question are removed.
  func filter(_ isWanted: (EvaluationQuestion) -> Bool) -> EvaluationSet {
    let kept = clips.map { clip in
      EvaluationClip(
        id: clip.id, windows: clip.windows, questions: clip.questions.filter(isWanted),
        input: clip.input, identified: clip.identity, load: clip.load)
    }
    return EvaluationSet(name: name, clips: kept.filter { !$0.questions.isEmpty })
  }
}

/// A clip of an evaluation set with its questions.
public struct EvaluationClip: Sendable {
  /// Id of the clip, unique in its set.
  public let id: String
  /// Number of temporal windows, if it is known without loading the clip.
  public let windows: Int?
  public let questions: [EvaluationQuestion]
  /// Input settings that are known before the clip is read.
  public let input: InputSettings
  /// Computes a fingerprint of media files and input settings without decoding; nil if a file
  /// cannot be read.
  public let identity: @Sendable () -> String?
  /// Reads or renders the clip; a question in the clip itself is ignored. May block.
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

  /// A clip of an evaluation set.
  /// - Parameter identity: computes the fingerprint of media files and settings.
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

/// The loaded media of a clip or conversation.
public struct EvaluationMedia: Sendable {
  public let conversation: Conversation
  /// The loaded media files; nil for a rendered scene.
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

/// A question about a clip, with its right answer if known.
public struct EvaluationQuestion: Sendable {
  /// Id of the question, unique in its set.
  public let id: String
  /// Type of the question, such as `x_colour`.
  public let kind: String
  /// Text given to the model: the question with its choices.
  public let text: String
  public let choices: [String]
  /// The right answer; nil if unknown.
  public let answer: String?
  /// The entry of the task file that the question was read from; nil for other sources.
  let document: EvaluationDocument?
  /// Returns why a generated text has no final answer, or nil if it has one.
  let problem: @Sendable (String) -> String?
  /// Returns whether a generated text is right.
  private let judge: @Sendable (String) -> Bool

  /// A question of an evaluation set.
  /// - Parameters:
  ///   - problem: returns a short reason if a generated text has no final answer. By default every
  ///     text has one.
  ///   - judge: returns whether a generated text is right. By default it must equal the right
  ///     answer.
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

  /// Contents of the question without its id: text, choices and right answer.
  var identity: String {
    let parts = [text] + choices + [answer ?? ""]
    return FileFingerprint.of(text: parts.map { "\($0.utf8.count):\($0)" }.joined())
  }

  /// Whether a generated text is right; nil if no right answer is known.
  public func isRight(_ text: String) -> Bool? { answer == nil ? nil : judge(text) }
}

/// Identity of a question as lmms-eval writes it.
public struct EvaluationDocument: Sendable, Equatable, Codable {
  /// Index of the entry in the task file, from 0; `doc_id` of lmms-eval.
  public let id: Int
  /// SHA-256 hash of the entry, `doc_hash` of lmms-eval; nil if unknown.
  public let hash: String?
  /// The right answer as lmms-eval writes it: a letter or text; empty if unknown.
  public let target: String
}

/// A shard: part i of n of an evaluation set, counted from 1 and written `2/8`.
public struct Shard: Sendable, Equatable, Codable {
  public let index, count: Int

  /// Parses a shard such as `2/8`; nil if the text is invalid.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]), count >= 1,
      count <= 1_000_000, 1...count ~= index
    else { return nil }
    (self.index, self.count) = (index, count)
  }
}

extension String {
  /// FNV-1a hash of the text in hexadecimal; the same on every run and machine.
  var stableHash: String { String(FNV1a(self).value, radix: 16) }
}

extension InputSettings {
  /// Identity of the input settings as text, part of a media fingerprint; empty if nothing is set.
  var identity: String {
    guard !isEmpty else { return "" }
    let text = entries.map { "\($0.field.rawValue)=\($0.text.utf8.count):\($0.text)" }
    return "+" + FileFingerprint.of(text: text.joined(separator: "\n"))
  }
}
