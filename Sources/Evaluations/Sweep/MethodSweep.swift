import Basics
import Foundation
import OmniModel
import Runs
import Selection

/// A sweep: every method at every budget, on all questions of an evaluation set. It measures
/// answers, FLOPs and times.
public struct MethodSweep: Sendable {
  public let evaluation: Evaluation
  /// Methods and budgets to measure; full tokens come first.
  public let points: [SweepPoint]
  /// Number of prefills per question and point; times are medians.
  public let repeats: Int
  private let cost: ReferenceCost

  /// A sweep over these points.
  /// - Parameter points: full tokens are added if missing; repeated points count once.
  public init(_ evaluation: Evaluation, _ points: [SweepPoint], repeats: Int = 1) {
    self.evaluation = evaluation
    self.repeats = max(1, repeats)
    let base = points.first?.settings ?? SelectionSettings(dropLayers: [], lateLayer: nil)
    self.points =
      SweepPoint.distinct([.full(base)] + points.filter { $0.settings.method != .full }).points
    cost = ReferenceCost(evaluation.decoderShape)
  }

  public var resultCount: Int { evaluation.set.questionCount * points.count }

  /// Answers every question at every point that is not in `known`.
  /// - Parameters:
  ///   - record: called concurrently with the new results of each question.
  ///   - skip: called for clips that cannot be read. If nil, the first one throws.
  ///   - progress: called with the number of results so far.
  /// - Returns: known and new results of this sweep's questions and points.
  public func run(
    known: [SweepResult] = [], threads: Int,
    record: @escaping @Sendable ([SweepResult]) throws -> Void = { _ in },
    skip: (@Sendable (SkippedClip) throws -> Void)? = nil,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws -> [SweepResult] {
    let keys = points.map(\.key)
    let asked = Set(evaluation.set.clips.flatMap { $0.questions.map(\.id) })
    var have: Set<SweepResult.Key> = []
    let mine = known.filter {
      asked.contains($0.question) && keys.contains($0.point) && have.insert($0.key).inserted
    }
    let missing = { @Sendable [have] (id: String) in
      zip(points, keys).filter { !have.contains(.init(question: id, point: $0.1)) }.map(\.0)
    }
    let open = evaluation.filter { !missing($0.id).isEmpty }
    let counter = Counter(mine.count)
    progress(mine.count)
    let skipping = skip.map { skip in
      { @Sendable (clip: SkippedClip) in
        for _ in clip.questions.flatMap(missing) { progress(counter.increment()) }
        try skip(clip)
      }
    }
    let new = try open.map(threads: threads, skip: skipping) { question in
      let results = try self.results(question, missing(question.question.id)) {
        progress(counter.increment())
      }
      try record(results)
      return results
    }
    return mine + new.joined()
  }

  private func results(
    _ question: EncodedQuestion, _ points: [SweepPoint], done: () -> Void
  ) throws -> [SweepResult] {
    var trial = PointRun(question, cost, repeats: repeats)
    return try points.map { point in
      defer { done() }
      return try trial.result(point)
    }
  }
}

/// Measures all points of one question; full tokens run once.
struct PointRun {
  let question: EncodedQuestion
  let cost: ReferenceCost
  let repeats: Int
  private var full: (answer: EvaluationAnswer, result: SweepResult)?

  init(_ question: EncodedQuestion, _ cost: ReferenceCost, repeats: Int) {
    self.question = question
    self.cost = cost
    self.repeats = repeats
  }

  mutating func result(
    _ point: SweepPoint, _ cancellation: Cancellation = Cancellation()
  ) throws(PrefillError) -> SweepResult {
    let reference =
      if let full { full } else { try run(.full(point.settings), nil, cancellation) }
    full = reference
    if point.settings.method == .full { return reference.result }
    return try run(point, reference.answer, cancellation).result
  }

  private func run(
    _ point: SweepPoint, _ reference: EvaluationAnswer?, _ cancellation: Cancellation
  ) throws(PrefillError) -> (answer: EvaluationAnswer, result: SweepResult) {
    let plan = point.settings.plan(for: question.shape)
    var prefill = try question.prefill(plan)
    let answer = try prefill.answer(
      longest: question.longestAnswer, by: question.thinker, cancellation)
    let times = try times(&prefill)
    return (
      answer,
      result(
        point, answer, reference ?? answer, prefill, times,
        point.settings.forced.notes + plan.notes)
    )
  }

  /// Median times of prefill and of selection alone over the repeats, in milliseconds.
  private func times(_ prefill: inout Prefill) throws(PrefillError) -> (Double, Double) {
    var measured = [Self.times(prefill)]
    for _ in 1..<repeats {
      prefill.rewind(toSteps: 1)
      while try prefill.advance(Cancellation()) != nil {}
      measured.append(Self.times(prefill))
    }
    return (median(measured.map(\.0)), median(measured.map(\.1)))
  }

  private static func times(_ prefill: Prefill) -> (Double, Double) {
    let steps = prefill.outcomes.dropFirst()
    let selection = steps.reduce(0) { $0 + $1.selectionSeconds } * 1000
    return (steps.reduce(0) { $0 + $1.computeSeconds } * 1000 + selection, selection)
  }

  private func result(
    _ point: SweepPoint, _ answer: EvaluationAnswer, _ reference: EvaluationAnswer,
    _ prefill: Prefill,
    _ times: (prefill: Double, selection: Double), _ notes: [String]
  ) -> SweepResult {
    let layers = prefill.outcomes.dropFirst(2).dropLast()
    let counts = question.shape.counts
    let logits = answer.firstLogits
    return SweepResult(
      question: question.question.id, kind: question.question.kind,
      windows: question.windows, point: point.key,
      answer: answer.text, isRight: question.question.isRight(answer.text),
      isSameAsFull: answer.tokenIDs == reference.tokenIDs,
      divergence: answer.divergence(from: reference),
      topLogits: logits.topIndices(5).map { .init(id: $0, logit: logits[$0]) },
      referenceFlops: cost.prefill(
        tokensPerLayer: layers.map(\.entering.total),
        final: prefill.outcomes.last?.entering.total ?? 0),
      fullReferenceFlops: cost.full(tokens: counts.total),
      executedFlops: prefill.outcomes.dropFirst().reduce(0) {
        $0 + $1.executedFlops + $1.selectionFlops
      },
      prefillMs: times.prefill, selectionMs: times.selection,
      retentionReached: layers.map(\.entering).retention(of: counts),
      asked: question.question.identity, media: question.mediaIdentity,
      document: question.question.document, promptTokens: counts.total,
      answerTokens: answer.tokenIDs.count,
      notices: question.notices, notes: notes + Self.answerNotes(answer, question))
  }

  /// Notes on an answer that was truncated or has no final answer.
  private static func answerNotes(_ answer: EvaluationAnswer, _ question: EncodedQuestion)
    -> [String]
  {
    // If the chat template opens a reasoning block, the answer starts inside it.
    let opening = question.thinker.opensReasoning && !answer.text.contains("<think>")
    let problem = question.question.problem((opening ? "<think>" : "") + answer.text)
    return [answer.isCut ? cut(question) : nil, problem].compactMap(\.self)
  }

  private static func cut(_ question: EncodedQuestion) -> String {
    "answer truncated at --max-new-tokens \(question.longestAnswer)"
  }
}

extension Evaluation {
  var decoderShape: DecoderShape {
    let text = thinker.configuration.text
    return DecoderShape(text)
  }
}
