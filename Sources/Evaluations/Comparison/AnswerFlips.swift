/// Questions that two sets of answers answer differently: two points of a results file, or two
/// files.
public struct AnswerFlips: Sendable {
  /// How the answers to one question differ.
  public enum Change: String, Sendable, Encodable, CaseIterable {
    case rightToWrong = "right_to_wrong"
    case wrongToRight = "wrong_to_right"
    /// Both are right, or both are wrong or without a score, in other words.
    case otherWords = "other_words"
  }

  /// One answer to a question.
  public struct Side: Sendable, Equatable {
    /// Method and budget; nil for lmms-eval samples.
    public let point: SweepPoint.Key?
    /// The answer's text; empty if the file does not contain it.
    public let text: String
    public let score: Double?
    /// KL divergence of the first answer token from full tokens, in nats; nil if unknown.
    public let divergence: Double?
  }

  /// A question with two different answers.
  public struct Flip: Sendable, Equatable {
    /// Name of the question, or `doc_id` and a number.
    public let question: String
    public let kind: String?
    /// Number of temporal windows of the clip; nil if unknown.
    public let windows: Int?
    public let change: Change
    public let first, second: Side
  }

  /// Two sets of answers that were compared.
  public struct Pair: Sendable, Equatable {
    public let first, second: SweepPoint.Key?
    /// Number of questions answered in both sets.
    public let questions: Int
    public let flips: [Flip]

    public func count(_ change: Change) -> Int { flips.count { $0.change == change } }
  }

  /// The pairs, in the order of the points.
  public let pairs: [Pair]

  /// Compares every point of a results file with those of a baseline method: at the same budget, or
  /// full tokens.
  /// - Throws: `ResultsComparisonError`.
  public init(
    _ file: ScoredFile, baseline: String = "full",
    _ filter: ResultsComparison.Filter = ResultsComparison.Filter()
  ) throws(ResultsComparisonError) {
    guard !file.isSamples else { throw .oneGroup(file: file.path) }
    let bases = file.groups.filter { $0.point?.method == baseline }
    guard !bases.isEmpty else {
      var methods: [String] = []
      for point in file.points where !methods.contains(point.method) {
        methods.append(point.method)
      }
      throw .noBaseline(file: file.path, method: baseline, there: methods)
    }
    let wanted = try ResultsComparison.groups(file, filter, besides: file)
    let others = wanted.filter { $0.point?.method != baseline }
    guard !others.isEmpty else { throw .oneGroup(file: file.path) }
    var pairs: [Pair] = []
    for other in others {
      let partners = bases.filter {
        baseline == "full" || $0.point?.retention == other.point?.retention
      }
      for base in partners { pairs.append(try Pair(base, other, file.path, file.path)) }
    }
    guard !pairs.isEmpty else {
      throw .noCommonPoints(first: bases.compactMap(\.point), second: others.compactMap(\.point))
    }
    self.pairs = pairs
  }

  /// Compares two files as `ResultsComparison` does.
  /// - Throws: `ResultsComparisonError`.
  public init(
    _ first: ScoredFile, _ second: ScoredFile,
    _ filter: ResultsComparison.Filter = ResultsComparison.Filter()
  ) throws(ResultsComparisonError) {
    if filter != ResultsComparison.Filter(), first.points.isEmpty, second.points.isEmpty {
      throw .nothingToFilter
    }
    var pairs: [Pair] = []
    for (one, other) in try ResultsComparison.partners(first, second, filter) {
      pairs.append(try Pair(one, other, first.path, second.path))
    }
    self.pairs = pairs
  }
}

extension AnswerFlips.Pair {
  fileprivate init(
    _ first: ScoredFile.Group, _ second: ScoredFile.Group, _ firstFile: String, _ secondFile: String
  ) throws(ResultsComparisonError) {
    let pairing: AnswerPairing
    do throws(AnswerPairing.Problem) {
      pairing = try AnswerPairing(first.answers, second.answers)
    } catch {
      throw ResultsComparison.Row.comparisonError(error, firstFile, secondFile)
    }
    (self.first, self.second) = (first.point, second.point)
    questions = pairing.pairs.count
    let all = pairing.pairs.compactMap { one, other in
      AnswerFlips.Flip(first.answers[one], first.point, second.answers[other], second.point)
    }
    flips = AnswerFlips.Change.allCases.flatMap { change in all.filter { $0.change == change } }
  }
}

extension AnswerFlips.Flip {
  /// The flip of two answers to one question; nil if they do not differ.
  init?(
    _ first: ScoredAnswer, _ firstPoint: SweepPoint.Key?, _ second: ScoredAnswer,
    _ secondPoint: SweepPoint.Key?
  ) {
    guard let change = Self.change(first, second) else { return nil }
    self.change = change
    question = first.name
    kind = first.kind ?? second.kind
    windows = first.windows ?? second.windows
    self.first = .init(first, firstPoint)
    self.second = .init(second, secondPoint)
  }

  /// Score from which a metric between 0 and 1 counts as right.
  private static let right = 0.5

  private static func change(_ first: ScoredAnswer, _ second: ScoredAnswer) -> AnswerFlips.Change? {
    if let one = first.score, let other = second.score, (one >= right) != (other >= right) {
      return one >= right ? .rightToWrong : .wrongToRight
    }
    guard let one = first.text, let other = second.text else { return nil }
    return one.isSameWording(as: other) ? nil : .otherWords
  }
}

extension AnswerFlips.Side {
  fileprivate init(_ answer: ScoredAnswer, _ point: SweepPoint.Key?) {
    self.init(
      point: point, text: answer.text ?? "", score: answer.score, divergence: answer.divergence)
  }
}
