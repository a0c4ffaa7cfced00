import Foundation
import OmniModel
import Selection
import SyntheticWorld

/// Methods × budgets over a benchmark: accuracy, cost and time.
public struct MethodSweep: Sendable {
  /// One point of the sweep.
  public struct Point: Sendable, Encodable {
    public let method: String
    /// Nominal retention in percent; 100 for full tokens.
    public let retention: Double
    public let accuracy: Accuracy
    public let byType: [String: Accuracy]
    public let byWindows: [Int: Accuracy]
    /// Full tokens' reference FLOPs over this method's, summed over all questions.
    public let reduction: Double
    /// Median wall time of layers, selection and head, in milliseconds.
    public let prefillMilliseconds: Double
    /// Video and audio tokens processed, averaged over layers and questions.
    public let retentionReached: Double
  }

  private struct Sample: Sendable {
    let answer: ExamAnswer
    let flops, fullFlops: Double
    let milliseconds, retention: Double
  }

  public let exam: Exam
  private let cost: ReferenceCost

  public init(_ exam: Exam) {
    self.exam = exam
    cost = ReferenceCost(exam.decoderShape)
  }

  /// Answers every question under `settings`.
  public func point(
    _ settings: SelectionSettings, retention: Double, label: String? = nil, threads: Int,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws -> (point: Point, answers: [ExamAnswer]) {
    let samples = try exam.map(threads: threads, progress: progress) { question in
      var settings = settings
      settings.seed = settings.seed &+ UInt64(bitPattern: Int64(question.question.id.stableHash))
      var prefill = try question.prefill(settings.plan(for: question.shape))
      let answer = try question.answer(&prefill)
      return sample(prefill, answer, question.shape)
    }
    let answers = samples.map(\.answer)
    let times = samples.map(\.milliseconds).sorted()
    let point = Point(
      method: label ?? settings.method.rawValue, retention: retention,
      accuracy: Accuracy(answers.map(\.isRight)),
      byType: Dictionary(grouping: answers, by: \.type).mapValues {
        Accuracy($0.map(\.isRight))
      },
      byWindows: Dictionary(grouping: answers, by: \.windows).mapValues {
        Accuracy($0.map(\.isRight))
      },
      reduction: samples.reduce(0) { $0 + $1.fullFlops } / samples.reduce(0) { $0 + $1.flops },
      prefillMilliseconds: times[times.count / 2],
      retentionReached: samples.reduce(0) { $0 + $1.retention } / Double(samples.count))
    return (point, answers)
  }

  private func sample(_ prefill: Prefill, _ answer: ExamAnswer, _ shape: PromptShape) -> Sample {
    let layers = prefill.outcomes.dropFirst(2).dropLast()
    let final = prefill.outcomes.last?.entering.total ?? 0
    let whole = (shape.counts.video + shape.counts.audio) * max(1, layers.count)
    let kept = layers.reduce(0) { $0 + $1.entering.video + $1.entering.audio }
    let seconds = prefill.outcomes.dropFirst().reduce(0) {
      $0 + $1.computeSeconds + $1.selectionSeconds
    }
    return Sample(
      answer: answer,
      flops: cost.prefill(tokensPerLayer: layers.map(\.entering.total), final: final),
      fullFlops: cost.full(tokens: shape.counts.total), milliseconds: seconds * 1000,
      retention: whole > 0 ? Double(kept) / Double(whole) : 1)
  }
}

extension Exam {
  var decoderShape: DecoderShape {
    let text = thinker.configuration.text
    return DecoderShape(text)
  }
}

extension String {
  /// FNV-1a: the same on every run, so that random methods draw the same tokens.
  var stableHash: Int {
    Int(
      truncatingIfNeeded: utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
        ($0 ^ UInt64($1)) &* 0x100_0000_01b3
      })
  }
}
