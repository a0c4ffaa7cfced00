import Basics
import OmniModel
import Reports
import Runs
import Selection

/// Result of `compare`: several methods run on the same prompt.
public struct MethodComparison: Sendable, Encodable {
  /// Results of one method.
  public struct Row: Sendable, Encodable {
    public let method: String
    public let retention: Double
    public let retentionReached: Double
    public let tokensPerLayer: [ModalityCounts]
    /// Median wall times over the repeats, of the prefill and of selection alone, in milliseconds.
    public let prefillMs, selectionMs: Double
    public let kvBytes: Int
    public let referenceFlops, executedFlops: Double
    /// Overlap with the tokens kept by the first method: of the tokens that entered layer 1, and of
    /// those left after the last drop.
    public let overlapEntering, overlapChosen: SurvivorOverlap
    public let answer: String
    /// Whether the answer has the same token ids as with full tokens.
    public let isSameAsFull: Bool
    /// Whether the answer is right; nil if no right answer is known.
    public let isRight: Bool?
    public let topLogits: [AnswerRecord.Candidate]
    /// KL divergence of the first answer token's distribution from full tokens, in nats.
    public let divergence: Double
    public let notes: [String]
  }

  public let model, clip, question: String
  public let rows: [Row]
  /// Notices about the clip, such as truncated audio.
  public let notices: [String]

  /// Prefills and answers the prompt for every point; the encoders run once.
  /// - Parameters:
  ///   - points: methods and budgets; overlaps are relative to the first.
  ///   - repeats: number of prefills per point; times are medians.
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
    divergence = Divergence.nats(of: run.logits, from: full.logits)
    notes = run.settings.forced.notes + run.plan.notes + RunReport.answerNotes(run)
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
  /// The prompt prefilled and answered with the settings of a point.
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
