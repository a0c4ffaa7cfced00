import OmniModel
import Selection

/// Comparison of several methods on one prompt.
public struct MethodComparison: Sendable, Encodable {
  /// One method.
  public struct Row: Sendable, Encodable {
    public let method: String
    public let retention: Double
    public let retentionReached: Double
    public let tokensPerLayer: [ModalityCounts]
    /// Median times over repeats.
    public let prefillMs, selectionMs: Double
    public let kvBytes: Int
    public let referenceFlops, executedFlops: Double
    /// Overlap with the first method's survivors: tokens that entered layer 1, and tokens after the
    /// last drop.
    public let overlapEntering, overlapChosen: SurvivorOverlap
    public let answer: String
    /// Whether token ids are identical to the full run's.
    public let isSameAsFull: Bool
    /// Nil without a right answer.
    public let isRight: Bool?
    public let topLogits: [AnswerRecord.Candidate]
    /// KL of the first token's distribution against full tokens, in nats.
    public let divergence: Double
    public let notes: [String]
  }

  public let model, clip, question: String
  public let rows: [Row]
  /// Notices on the clip.
  public let notices: [String]

  /// Prefills and answers for every point; the encoders run once.
  /// - Parameters:
  ///   - points: the first is the reference of overlaps.
  ///   - repeats: prefills per point; times are medians.
  /// - Throws: `PrefillError`.
  public static func run(
    _ opened: OpenedRun, _ request: RunRequest, _ points: [SweepPoint], repeats: Int,
    progress: (Int) -> Void = { _ in }
  ) throws(PrefillError) -> MethodComparison {
    var start = ProfiledRun(opened, request)
    _ = try start.advance(Cancellation())
    let full = try start.finished(.full(start.settings), repeats: 1)
    let points = SweepPoint.distinct(points).points
    var runs: [(point: SweepPoint, run: ProfiledRun, times: (Double, Double))] = []
    for point in points {
      let measured = try start.finished(point, repeats: repeats)
      runs.append((point, measured.run, measured.times))
      progress(runs.count)
    }
    let subject = opened.subject
    let reference = runs.first.map { ComparedRun($0.run) }
    return MethodComparison(
      model: subject.model.name, clip: subject.clip.title, question: subject.clip.question,
      rows: runs.map { point, run, times in
        Row(point, run, times, full: full.run, reference: reference ?? ComparedRun(run))
      }, notices: subject.clip.audit.notices)
  }
}

extension MethodComparison.Row {
  fileprivate init(
    _ point: SweepPoint, _ run: ProfiledRun, _ times: (prefill: Double, selection: Double),
    full: ProfiledRun, reference: ComparedRun
  ) {
    let compared = ComparedRun(run)
    let modalities = run.opened.subject.prompt.modalities
    (method, retention) = (point.label, point.retention)
    retentionReached = compared.retentionReached
    tokensPerLayer = compared.tokensPerLayer
    (prefillMs, selectionMs) = times
    kvBytes = run.records.last?.keyValueBytes ?? 0
    (referenceFlops, executedFlops) = (compared.referenceFlops ?? 0, compared.executedFlops ?? 0)
    overlapEntering = SurvivorOverlap(compared.entered, reference.entered, modalities)
    overlapChosen = SurvivorOverlap(compared.chosen, reference.chosen, modalities)
    answer = run.answer?.text ?? ""
    isSameAsFull = run.answer?.tokenIDs == full.answer?.tokenIDs
    let expected = run.opened.subject.clip.answer
    isRight = expected.map { (run.answer?.text ?? "").isSameWording(as: $0) }
    topLogits = run.answer?.topLogits ?? []
    divergence = Divergence.nats(of: run.prefill.logits, from: full.prefill.logits)
    notes = run.plan.notes + RunReport.answerNotes(run)
  }
}

extension ComparedRun {
  public init(_ run: ProfiledRun) {
    self.init(
      settings: run.settings, plan: run.plan, prompt: run.opened.subject.prompt,
      records: run.records, answer: run.answer)
  }
}

extension ProfiledRun {
  /// The prompt prefilled and answered for a point.
  fileprivate func finished(
    _ point: SweepPoint, repeats: Int
  ) throws(PrefillError) -> (run: ProfiledRun, times: (prefill: Double, selection: Double)) {
    var run = self
    _ = run.configure(point.settings)
    var times: [(prefill: Double, selection: Double)] = []
    for _ in 0..<max(1, repeats) {
      run.rewind(toSteps: 1)
      while try run.advance(Cancellation()) != nil {}
      let selection = run.records.dropFirst().reduce(0) { $0 + $1.selectionMilliseconds }
      times.append((run.prefillMilliseconds, selection))
    }
    while !run.isAnswered { _ = try run.decode() }
    return (run, (median(times.map(\.prefill)), median(times.map(\.selection))))
  }
}
