import OmniModel
import Selection

/// Progress of measurements of the open clip: dependency curve and sweep.
public enum StudyEvent: Sendable, Equatable {
  /// The next measurement of the curve, of `expected`.
  case reading(DependencyProbe.Reading, expected: Int)
  /// The curve of the clip is complete.
  case dependency(DependencyCurve)
  /// The next point of the sweep.
  case result(SweepResult)
  /// Summary of a results file.
  case summary(SweepSummary, file: String)
  /// KL of the run's first token against full tokens, in nats.
  case drift(Double)

  /// Summarises a results file of a sweep.
  static func summary(ofFile path: String) throws(SweepFileError) -> StudyEvent {
    let merge = try SweepMerge([path])
    return .summary(SweepSummary(merge.results, skipped: merge.skipped), file: path)
  }
}

/// Dependency analysis and sweep of one prompt, in resumable units.
struct Study {
  private let question: EncodedQuestion
  private let longestAnswer: Int
  private var probe: DependencyProbe?
  private var readings: [DependencyProbe.Reading] = []
  private var trial: PointRun
  private var points: ArraySlice<SweepPoint> = []

  /// - Parameter run: with encoders done.
  init?(_ run: ProfiledRun) {
    guard let media = run.prefill.encodedMedia else { return nil }
    let clip = run.opened.subject.clip
    longestAnswer = min(run.request.maxNewTokens, 64)
    question = EncodedQuestion(
      windows: run.opened.subject.prompt.windows,
      question: EvaluationQuestion(
        id: clip.title, kind: "clip", text: clip.question, answer: clip.answer,
        judge: { $0.isSameWording(as: clip.answer ?? "") }),
      prompt: run.opened.prompt, media: media, thinker: run.opened.thinker,
      longestAnswer: longestAnswer, notices: run.opened.subject.clip.audit.notices)
    trial = PointRun(question, ReferenceCost(run.opened.subject.model.decoder), repeats: 1)
  }

  /// Measures the next point of the curve; the curve when complete.
  mutating func analyze(_ cancellation: Cancellation) throws(PrefillError) -> StudyEvent {
    var probe: DependencyProbe
    if let known = self.probe {
      probe = known
    } else {
      probe = try DependencyProbe(
        question.prefill(.full), by: question.thinker, longestAnswer: longestAnswer, cancellation)
    }
    let reading = try probe.advance(cancellation)
    self.probe = probe
    guard let reading else { return .dependency(curve(probe)) }
    readings.append(reading)
    return .reading(reading, expected: readings.count + probe.remaining)
  }

  private func curve(_ probe: DependencyProbe) -> DependencyCurve {
    DependencyCurve(
      [DependencyRow(probe, readings) { question.question.isRight($0) }],
      layers: question.shape.layers)
  }

  /// Sets the points to measure.
  mutating func plan(_ points: [SweepPoint]) {
    self.points = points[...]
  }

  /// The result of the next point; nil after the last.
  mutating func sweep(_ cancellation: Cancellation) throws(PrefillError) -> StudyEvent? {
    guard let point = points.first else { return nil }
    let result = try trial.result(point, cancellation)
    points.removeFirst()
    return .result(result)
  }
}
