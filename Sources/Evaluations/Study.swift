import OmniModel
import Runs
import Selection

/// Progress of a measurement of the open clip: dependency curve, worth study or sweep.
public enum StudyEvent: Sendable, Equatable {
  /// The next result of the dependency curve, out of `expected`.
  case reading(DependencyProbe.Reading, expected: Int)
  /// The dependency curve of the clip is complete.
  case dependency(DependencyCurve)
  /// The worth study of the clip so far.
  case worth(WorthResult)
  /// The next result of the sweep.
  case result(SweepResult)
  /// Summary of a results file that was read.
  case summary(SweepSummary, file: String)
  /// The flips of results that were read.
  case flips(FlipList)
  /// The questions of a file that was read.
  case questions(PlacedQuestions)
  /// KL divergence of the run's first answer token from full tokens, in nats.
  case drift(Double)

  /// Reads a results file of a sweep and summarises it.
  public static func summary(ofFile path: String) throws(SweepFileError) -> StudyEvent {
    let merge = try SweepMerge([path])
    return .summary(SweepSummary(merge.results, skipped: merge.skipped), file: path)
  }
}

/// Measures dependency curve, worth and sweep of one prompt, in units of work that can be resumed.
public struct Study {
  private let question: EncodedQuestion
  private let longestAnswer: Int
  private var probe: DependencyProbe?
  private var readings: [DependencyProbe.Reading] = []
  /// The last worth study of all windows (`false`) and of a span (`true`).
  private var worth: [Bool: (request: WorthRequest, probe: WorthProbe)] = [:]
  private var trial: PointRun
  private var points: ArraySlice<SweepPoint> = []

  /// A study of the run's prompt; nil unless its encoders have run.
  public init?(_ run: ProfiledRun) {
    guard let media = run.encodedMedia else { return nil }
    let clip = run.opened.subject.clip
    longestAnswer = min(run.request.maxNewTokens, 64)
    question = EncodedQuestion(
      windows: run.opened.subject.prompt.windows,
      question: EvaluationQuestion(
        id: clip.title, kind: "clip", text: clip.question, answer: clip.answer,
        judge: { clip.isRight($0) ?? false }),
      prompt: run.opened.prompt, media: media, thinker: run.opened.thinker,
      longestAnswer: longestAnswer, notices: run.opened.subject.clip.audit.notices)
    trial = PointRun(question, ReferenceCost(run.opened.subject.model.decoder), repeats: 1)
  }

  /// Measures the next point of the dependency curve.
  /// - Returns: the point, or the whole curve if it is complete.
  public mutating func analyze(_ cancellation: Cancellation) throws(PrefillError) -> StudyEvent {
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

  /// Measures the next window of a worth study; another request starts a new study.
  /// - Returns: the study so far, first with its cost only.
  public mutating func weigh(
    _ request: WorthRequest, _ cancellation: Cancellation
  ) throws(PrefillError) -> StudyEvent {
    let isSpan = request.span != nil
    guard let known = worth[isSpan], known.request == request else {
      let probe = try WorthProbe(question, request, cancellation)
      worth[isSpan] = (request, probe)
      return .worth(probe.result)
    }
    var probe = known.probe
    _ = try probe.advance(cancellation)
    worth[isSpan] = (request, probe)
    return .worth(probe.result)
  }

  /// Number of readings of the dependency curve that are measured, and of all; nil before the first.
  public var analysisProgress: (done: Int, total: Int)? {
    probe.map { (readings.count, readings.count + $0.remaining) }
  }

  /// Number of points of the sweep that are measured, and of all.
  public var sweepProgress: (done: Int, total: Int) { (points.startIndex, points.endIndex) }

  /// Sets the points of the sweep.
  public mutating func plan(_ points: [SweepPoint]) {
    self.points = points[...]
  }

  /// Measures the next point of the sweep.
  /// - Returns: its result; nil after the last point.
  public mutating func sweep(_ cancellation: Cancellation) throws(PrefillError) -> StudyEvent? {
    guard let point = points.first else { return nil }
    let result = try trial.result(point, cancellation)
    points.removeFirst()
    return .result(result)
  }
}
