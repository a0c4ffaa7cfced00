import Media
import OmniModel

/// What an evaluation puts to a model: clips, each with its questions.
///
/// The seam between where questions come from (a benchmark, clips, a task file) and what is done
/// with them (sweeps, dependency curves).
public struct EvaluationSet: Sendable {
  /// What it is called in results.
  public let name: String
  public let clips: [EvaluationClip]

  public init(name: String, clips: [EvaluationClip]) {
    self.name = name
    self.clips = clips
  }

  public var questionCount: Int { clips.reduce(0) { $0 + $1.questions.count } }

  /// The same for the same questions under the same settings, whatever file they came from.
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

  /// Every n-th clip, from the shard's own on: the same split everywhere.
  public func part(_ shard: Shard) -> EvaluationSet {
    EvaluationSet(
      name: name,
      clips: clips.enumerated().filter { $0.offset % shard.count == shard.index - 1 }
        .map(\.element))
  }

  /// The questions that `isWanted`; clips without any are left out.
  func filter(_ isWanted: (EvaluationQuestion) -> Bool) -> EvaluationSet {
    let kept = clips.map { clip in
      EvaluationClip(
        id: clip.id, windows: clip.windows, questions: clip.questions.filter(isWanted),
        input: clip.input, identified: clip.identity, load: clip.load)
    }
    return EvaluationSet(name: name, clips: kept.filter { !$0.questions.isEmpty })
  }
}

/// A clip and what is asked about it.
public struct EvaluationClip: Sendable {
  /// Unique in its set.
  public let id: String
  /// Temporal windows, where they are known without loading.
  public let windows: Int?
  public let questions: [EvaluationQuestion]
  /// The settings it is read under, as far as they are known before it is read.
  public let input: InputSettings
  /// What its media are recognised by, without decoding them, and how they are read; nil where they
  /// cannot be read.
  public let identity: @Sendable () -> String?
  /// Reads or renders the clip; its own question does not matter. May block.
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

  /// - Parameter identity: of the media and of the settings.
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

/// A clip, or a conversation about several, as it was loaded.
public struct EvaluationMedia: Sendable {
  public let conversation: Conversation
  /// What was read; nil where it was not read of files.
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
  /// What kind of question it is, as in `x_colour`.
  public let kind: String
  /// As put to the model, choices spelled out.
  public let text: String
  public let choices: [String]
  /// Nil where nobody says what is right.
  public let answer: String?
  /// Where it stands in its file of questions; nil where it is from none.
  let document: EvaluationDocument?
  /// Why a text holds no final answer; nil where it does.
  let problem: @Sendable (String) -> String?
  /// Whether an answer is right.
  private let judge: @Sendable (String) -> Bool

  /// - Parameters:
  ///   - problem: why a text holds no final answer, in a few words; any text is one when left out.
  ///   - judge: whether an answer is right; letter for letter when left out.
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

  /// What it is recognised by besides its id: its words, choices and right answer.
  var identity: String {
    let parts = [text] + choices + [answer ?? ""]
    return FileFingerprint.of(text: parts.map { "\($0.utf8.count):\($0)" }.joined())
  }

  /// Nil where nobody says what is right.
  func isRight(_ text: String) -> Bool? { answer == nil ? nil : judge(text) }
}

/// A question as lmms-eval recognises it.
public struct EvaluationDocument: Sendable, Equatable, Codable {
  /// Its place in the file, from 0: `doc_id`.
  public let id: Int
  /// SHA-256 of what the file says of it: `doc_hash`; nil where that is not known.
  public let hash: String?
  /// The right answer: a letter, or words; empty where nobody says what is right.
  public let target: String
}

/// One of n parts of a set, counted from 1: `2/8`.
public struct Shard: Sendable, Equatable, Codable {
  public let index, count: Int

  /// Nil where the text is no shard.
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
  var stableHash: String { String(stableNumber, radix: 16) }

  var stableNumber: UInt64 {
    utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}

extension InputSettings {
  /// What tells media read under these settings from the same media read otherwise; empty where
  /// nothing is set.
  var identity: String {
    guard !isEmpty else { return "" }
    let text = entries.map { "\($0.field.rawValue)=\($0.text.utf8.count):\($0.text)" }
    return "+" + FileFingerprint.of(text: text.joined(separator: "\n"))
  }
}
