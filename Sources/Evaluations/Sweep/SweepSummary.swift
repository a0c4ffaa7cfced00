import Basics

/// Summary of a sweep by point. It does not depend on the order of the results, and a question
/// counts once per point.
public struct SweepSummary: Sendable, Equatable, Encodable {
  /// Summary of one method at one budget.
  public struct Point: Sendable, Equatable, Encodable {
    public let method: String
    /// Nominal retention in percent; 100 for full tokens.
    public let retention: Double
    /// Settings as text; a hash in files of the first format.
    public let settings: String
    public let questions: Int
    /// Accuracy on questions with a known right answer; nil if there are none.
    public let accuracy: Accuracy?
    /// Accuracy as a share of that of full tokens on the same questions; nil if unknown.
    public let shareOfFull: Double?
    /// Share of questions whose answer has the same token ids as with full tokens.
    public let sameAsFull: Accuracy
    /// Mean KL divergence of the first answer token from full tokens, in nats.
    public let divergence: Double
    /// Share of the video and audio tokens that were processed, averaged over layers and questions.
    public let retentionReached: Double
    /// FLOPs as the paper counts them, averaged over questions, and the ratio of full tokens' FLOPs
    /// to them.
    public let referenceFlops, reduction: Double
    /// FLOPs executed without the encoders, averaged over questions.
    public let executedFlops: Double
    /// Median times over questions, of the prefill and of selection alone, in milliseconds.
    public let prefillMs, selectionMs: Double
    public let byKind: [String: Accuracy]
    public let byWindows: [Int: Accuracy]
    /// Notes on the plans and answers of this point.
    public let notes: [EvaluationNotice]
  }

  public let points: [Point]
  /// Notices about the clips of the sweep.
  public let notices: [EvaluationNotice]
  /// Clips that could not be read; their questions are not part of the summary.
  public let skipped: [SkippedClip]
  /// Paired differences from a baseline method, if one is given.
  public let baseline: SweepBaseline?

  public init(_ results: [SweepResult], skipped: [SkippedClip] = []) {
    self.init(results, skipped: skipped, against: nil)
  }

  /// Summarises results by point.
  /// - Parameter baseline: name of the baseline method; nil for none.
  /// - Throws: `SweepBaselineError` if there are no results of that method.
  public init(
    _ results: [SweepResult], skipped: [SkippedClip], baseline: String
  ) throws(SweepBaselineError) {
    self.init(results, skipped: skipped, against: try SweepBaseline(baseline, results))
  }

  private init(_ results: [SweepResult], skipped: [SkippedClip], against baseline: SweepBaseline?) {
    self.baseline = baseline
    var seen: Set<SweepResult.Key> = []
    let results = results.filter { seen.insert($0.key).inserted }
    let groups = Dictionary(grouping: results, by: \.point)
    notices = .init(results.map { ($0.question, $0.notices ?? []) })
    self.skipped = skipped.unanswered(by: results)
    let full = groups.first { $0.key.method == "full" }?.value ?? []
    let fullRight = Dictionary(
      full.compactMap { result in result.isRight.map { (result.question, $0) } },
      uniquingKeysWith: { first, _ in first })
    points = groups.keys.sorted().map { key in
      Point(key, (groups[key] ?? []).sorted { $0.question < $1.question }, fullRight)
    }
  }
}

extension SweepSummary.Point {
  fileprivate init(_ key: SweepPoint.Key, _ results: [SweepResult], _ fullRight: [String: Bool]) {
    let count = Double(max(1, results.count))
    func mean(_ value: (SweepResult) -> Double) -> Double {
      results.reduce(0) { $0 + value($1) } / count
    }
    func accuracies<Group: Hashable>(_ group: (SweepResult) -> Group?) -> [Group: Accuracy] {
      var groups: [Group: [Bool]] = [:]
      for result in results {
        if let group = group(result), let isRight = result.isRight {
          groups[group, default: []].append(isRight)
        }
      }
      return groups.mapValues { Accuracy($0) }
    }
    (method, retention, settings) = (key.method, key.retention, key.settings)
    questions = results.count
    let judged = results.compactMap(\.isRight)
    accuracy = judged.isEmpty ? nil : Accuracy(judged)
    shareOfFull = Self.shareOfFull(results, fullRight)
    sameAsFull = Accuracy(results.map(\.isSameAsFull))
    divergence = mean(\.divergence)
    retentionReached = mean(\.retentionReached)
    referenceFlops = mean(\.referenceFlops)
    reduction = mean(\.fullReferenceFlops) / max(1, mean(\.referenceFlops))
    executedFlops = mean(\.executedFlops)
    prefillMs = median(results.map(\.prefillMs))
    selectionMs = median(results.map(\.selectionMs))
    byKind = accuracies(\.kind)
    byWindows = accuracies(\.windows)
    notes = .init(results.map { ($0.question, $0.notes ?? []) })
  }

  private static func shareOfFull(
    _ results: [SweepResult], _ fullRight: [String: Bool]
  ) -> Double? {
    let both = results.compactMap { result in
      result.isRight.flatMap { own in fullRight[result.question].map { (own, $0) } }
    }
    let right = both.count { $0.1 }
    return right > 0 ? Double(both.count { $0.0 }) / Double(right) : nil
  }
}
