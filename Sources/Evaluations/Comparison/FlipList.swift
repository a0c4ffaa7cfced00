import Media
import Runs

/// The flips of results, each with what opens its clip.
public struct FlipList: Sendable, Equatable {
  /// A flip, and its question if a file has it.
  public struct Entry: Sendable, Equatable {
    public let flip: AnswerFlips.Flip
    /// The question with its clip; nil if it was not found.
    public let question: PlacedQuestion?
  }

  /// Paths of the compared files.
  public let files: [String]
  public let entries: [Entry]
  /// Name of the model of the results; nil for lmms-eval samples.
  public let model: String?
  /// Name of the question set, and the file in which its questions were found; nil if none was.
  public let set: String
  public let questionFile: String?

  /// Reads one or two files with answers, and the questions that they are about.
  /// - Parameter known: task files and benchmarks in which questions are looked for, besides files
  ///   beside the results.
  /// - Throws: `SweepFileError`, `ResultsComparisonError` or `EvaluationError`.
  public init(_ first: String, _ second: String?, known: [String]) throws {
    let file = try ScoredFile(first)
    let other = try second.map { try ScoredFile($0) }
    let flips = try other.map { try AnswerFlips(file, $0) } ?? AnswerFlips(file)
    files = [first] + (second.map { [$0] } ?? [])
    switch file.kind {
    case .sweep(let header): (model, set) = (header.model, header.set)
    case .samples(_, let task, _, _): (model, set) = (nil, task)
    }
    var questions: PlacedQuestions?
    if set != "clips", set != "messages",
      let path = PlacedQuestions.file(ofSet: set, results: first, known: known)
    {
      questions = try PlacedQuestions(path)
    }
    questionFile = questions?.file
    let byName = Dictionary(
      questions?.questions.map { ($0.name, $0) } ?? [], uniquingKeysWith: { one, _ in one })
    entries = flips.pairs.flatMap(\.flips).map { [set] flip in
      Entry(
        flip: flip,
        question: byName[flip.question] ?? Self.alone(flip, set)
          ?? Self.document(flip, questions?.questions ?? []))
    }
  }

  /// The question of a clip or conversation that was given by its path.
  private static func alone(_ flip: AnswerFlips.Flip, _ set: String) -> PlacedQuestion? {
    let place: ClipPlace
    switch set {
    case "clips": place = .clip(flip.question)
    case "messages": place = .messages(flip.question)
    default: return nil
    }
    return PlacedQuestion(
      name: flip.question, kind: flip.kind ?? set, place: place, asked: nil, input: InputSettings())
  }

  /// The question of an lmms-eval sample: its `doc_id` is the place of the entry in the task file.
  private static func document(
    _ flip: AnswerFlips.Flip, _ questions: [PlacedQuestion]
  ) -> PlacedQuestion? {
    let prefix = "doc_id "
    guard flip.question.hasPrefix(prefix), let index = Int(flip.question.dropFirst(prefix.count)),
      questions.indices.contains(index)
    else { return nil }
    return questions[index]
  }
}
