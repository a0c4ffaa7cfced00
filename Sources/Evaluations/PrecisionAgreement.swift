import OmniModel
import Selection
import Synchronization
import Tensors

/// Agreement of two precisions on the same questions, with full tokens and with other plans: equal
/// answers and equal survivors.
public struct PrecisionAgreement: Sendable, Encodable {
  /// Agreement for one method, over all questions.
  public struct Row: Sendable, Encodable {
    public let method: String
    /// Nominal retention, in percent.
    public let retention: Double
    /// Accuracy in the reference precision and in the other one; nil if no right answers are known.
    public let referenceAccuracy, accuracy: Accuracy?
    /// Share of questions with equal answers in both precisions.
    public let sameAnswers: Double
    /// Mean KL(reference ‖ other) of the first answer token, in nats.
    public let divergence: Double
    /// Mean overlap |A ∩ B| / |A ∪ B| of the tokens kept in both precisions: of those that entered
    /// layer 1, and of those left after the last drop, before late removal.
    public let entering, chosen: MeanOverlap
  }

  /// Mean overlap per modality; nil if no question has tokens of that modality.
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
  /// Notices about the clips of the evaluation.
  public let notices: [EvaluationNotice]
  /// Clips that could not be read; their questions are not compared.
  public let skipped: [SkippedClip]

  /// Answers every question in both evaluations, which have the same questions and different
  /// precisions.
  /// - Parameters:
  ///   - skip: called once per clip that cannot be read. If nil, the first one throws.
  ///   - progress: called with the number of answers so far, of `2 × points × questions`.
  public static func run(
    reference: Evaluation, _ other: Evaluation, _ points: [SweepPoint], threads: Int,
    skip: (@Sendable (SkippedClip) -> Void)? = nil,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws -> PrecisionAgreement {
    let points = SweepPoint.distinct(points).points
    let counter = Counter(0)
    let skipped = Mutex<[SkippedClip]>([])
    let skipping = skip.map { skip in
      { @Sendable (clip: SkippedClip) in
        for _ in 0..<points.count * clip.questions.count { progress(counter.increment()) }
        let isNew = skipped.withLock { skipped in
          defer { skipped.append(clip) }
          return !skipped.contains { $0.clip == clip.clip }
        }
        if isNew { skip(clip) }
      }
    }
    func sittings(_ evaluation: Evaluation) throws -> [QuestionAnswers] {
      try evaluation.map(threads: threads, skip: skipping) { question in
        QuestionAnswers(
          question: question.question.id, notices: question.notices,
          points: try points.map { point in
            defer { progress(counter.increment()) }
            return try PlanAnswer(question, point)
          })
      }
    }
    let reference = (try sittings(reference), reference.thinker.computeName)
    let others = Dictionary(
      try sittings(other).map { ($0.question, $0.points) }, uniquingKeysWith: { first, _ in first })
    let pairs = reference.0.compactMap { sittings in
      others[sittings.question].map { Array(zip(sittings.points, $0)) }
    }
    return PrecisionAgreement(
      referenceCompute: reference.1, compute: other.thinker.computeName,
      questions: pairs.count,
      rows: points.indices.map { index in Row(points[index], pairs.map { $0[index] }) },
      notices: .init(reference.0.map { ($0.question, $0.notices) }),
      skipped: skipped.withLock { $0 }.unanswered(by: []))
  }
}

/// Answers to one question in one precision.
private struct QuestionAnswers: Sendable {
  let question: String
  let notices: [String]
  /// Answers of the question, one per point.
  let points: [PlanAnswer]
}

/// Answer to one question with one plan in one precision.
private struct PlanAnswer: Sendable {
  let answer: EvaluationAnswer
  let isRight: Bool?
  let entered, chosen: Set<Int>
  let modalities: [Modality]

  init(_ question: EncodedQuestion, _ point: SweepPoint) throws {
    var prefill = try question.prefill(point.settings.plan(for: question.shape))
    answer = try prefill.answer(longest: question.longestAnswer, by: question.thinker)
    isRight = question.question.isRight(answer.text)
    modalities = question.prompt.modalities
    let drops = prefill.outcomes.compactMap(\.drop)
    entered = Set(drops.first { $0.kind == .stage1 }?.kept ?? Array(modalities.indices))
    chosen = Set(drops.last { $0.kind != .remove }?.kept ?? Array(modalities.indices))
  }
}

extension PrecisionAgreement.Row {
  fileprivate init(_ point: SweepPoint, _ pairs: [(PlanAnswer, PlanAnswer)]) {
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
