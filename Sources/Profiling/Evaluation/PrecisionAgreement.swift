import OmniModel
import Selection
import Tensors

/// The same questions in two precisions, with full tokens and under a plan: whether the answers and
/// the tokens that survive are the same.
public struct PrecisionAgreement: Sendable, Encodable {
  /// One method, over all questions.
  public struct Row: Sendable, Encodable {
    public let method: String
    /// Nominal, in percent.
    public let retention: Double
    /// Shares of right answers; nil where nobody says what is right.
    public let referenceAccuracy, accuracy: Accuracy?
    /// Questions answered with the same words.
    public let sameAnswers: Double
    /// Mean KL(reference ‖ other) of the first token, in nats.
    public let divergence: Double
    /// Mean |A ∩ B| / |A ∪ B| of the tokens that entered layer 1, and of those that the last choice
    /// left before everything goes.
    public let entering, chosen: MeanOverlap
  }

  /// Means of overlaps, per modality; nil where no question has any.
  public struct MeanOverlap: Sendable, Encodable {
    public let video, audio: Double?

    init(_ overlaps: [SurvivorOverlap]) {
      (video, audio) = (
        Self.mean(overlaps.compactMap(\.video)), Self.mean(overlaps.compactMap(\.audio))
      )
    }

    private static func mean(_ values: [Double]) -> Double? {
      values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
  }

  public let referenceCompute, compute: String
  public let questions: Int
  public let rows: [Row]

  /// Answers every question of both exams, which have the same questions.
  /// - Parameter progress: told how many answers there are, of `2 × points × questions`.
  public init(
    reference: Exam, _ other: Exam, _ points: [SweepPoint], threads: Int,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws {
    let counter = Counter(0)
    func sittings(_ exam: Exam) throws -> [[Sitting]] {
      try exam.map(threads: threads) { question in
        try points.map { point in
          defer { progress(counter.increment()) }
          return try Sitting(question, point)
        }
      }
    }
    let pairs = zip(try sittings(reference), try sittings(other)).map { Array(zip($0, $1)) }
    referenceCompute = reference.thinker.precision.rawValue
    compute = other.thinker.precision.rawValue
    questions = pairs.count
    rows = points.indices.map { index in Row(points[index], pairs.map { $0[index] }) }
  }
}

/// One question under one plan in one precision.
private struct Sitting: Sendable {
  let answer: ExamAnswer
  let isRight: Bool?
  let entered, chosen: Set<Int>
  let modalities: [Modality]

  init(_ question: ExamQuestion, _ point: SweepPoint) throws {
    var prefill = try question.prefill(point.settings.plan(for: question.shape))
    answer = try prefill.answer(longest: question.longestAnswer)
    isRight = question.question.isRight(answer.text)
    modalities = prefill.prompt.modalities
    let drops = prefill.outcomes.compactMap(\.drop)
    entered = Set(drops.first { $0.kind == .stage1 }?.kept ?? Array(modalities.indices))
    chosen = Set(drops.last { $0.kind != .remove }?.kept ?? Array(modalities.indices))
  }
}

extension PrecisionAgreement.Row {
  fileprivate init(_ point: SweepPoint, _ pairs: [(Sitting, Sitting)]) {
    let count = Double(max(1, pairs.count))
    method = point.label
    retention = point.retention
    let judged = pairs.filter { $0.0.isRight != nil }
    referenceAccuracy = judged.isEmpty ? nil : Accuracy(judged.compactMap(\.0.isRight))
    accuracy = judged.isEmpty ? nil : Accuracy(judged.compactMap(\.1.isRight))
    sameAnswers = Double(pairs.count { $0.answer.text == $1.answer.text }) / count
    divergence = pairs.reduce(0) { $0 + $1.1.answer.divergence(from: $1.0.answer) } / count
    entering = .init(pairs.map { SurvivorOverlap($0.entered, $1.entered, $0.modalities) })
    chosen = .init(pairs.map { SurvivorOverlap($0.chosen, $1.chosen, $0.modalities) })
  }
}
