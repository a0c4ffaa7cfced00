import OmniModel
import Selection
import Synchronization

/// Worth study of a set of questions: rank correlations of what methods see of a window with the
/// effect of leaving it out.
public struct WorthStudy: Sendable, Equatable, Encodable {
  /// Result of one question.
  public struct Row: Sendable, Equatable, Encodable {
    public let question, clip, kind: String
    public let result: WorthResult
  }

  /// Mean rank correlation of a measure over questions.
  public struct Correlation: Sendable, Equatable, Encodable {
    public let measure: String
    public let scope: WorthResult.Scope
    /// Kind of the questions; nil for all.
    public let kind: String?
    /// Number of questions for which the correlation is defined, and their mean Spearman's ρ.
    public let questions: Int
    public let mean: Double
    /// Standard error of the mean, clustered by clip; nil for fewer than two questions.
    public let standardError: Double?
  }

  public let rows: [Row]
  public let fromLayer: Int
  public let base: String
  /// Cost of all trials, as stated before them.
  public let cost: WorthCost?
  public let correlations: [Correlation]
  /// Notices about the clips of the evaluation.
  public private(set) var notices: [EvaluationNotice] = []
  /// Clips that could not be read.
  public private(set) var skipped: [SkippedClip] = []

  init(_ rows: [Row], _ request: WorthRequest) {
    self.rows = rows
    (fromLayer, base) = (request.layer, request.baseName)
    let costs = rows.map(\.result.cost)
    cost = costs.dropFirst().reduce(costs.first) { sum, cost in sum.map { $0 + cost } }
    let measures = rows.first?.result.measures ?? []
    let kinds = Set(rows.map(\.kind)).sorted()
    let groups: [String?] = [nil] + (kinds.count > 1 ? kinds.map(Optional.some) : [])
    correlations = groups.flatMap { kind in
      measures.flatMap { measure in
        WorthResult.Scope.allCases.compactMap { scope in
          Self.correlation(rows, measure, scope, kind: kind)
        }
      }
    }
  }

  /// Mean of the correlations of some questions; nil if none is defined.
  private static func correlation(
    _ rows: [Row], _ measure: String, _ scope: WorthResult.Scope, kind: String?
  ) -> Correlation? {
    let known = rows.filter { kind == nil || $0.kind == kind }.compactMap { row in
      row.result.correlation(measure, scope).map { (row.clip, $0) }
    }
    guard !known.isEmpty else { return nil }
    let mean = known.reduce(0) { $0 + $1.1 } / Double(known.count)
    return Correlation(
      measure: measure, scope: scope, kind: kind, questions: known.count, mean: mean,
      standardError: PairedDifference.clusteredError(known.map(\.1), known.map(\.0), mean))
  }

  /// Measures every question.
  /// - Parameters:
  ///   - request: returns the study for a prompt.
  ///   - skip: called for each clip that cannot be read. If nil, the first such clip throws.
  ///   - stated: called with the cost of each question before its trials; several threads may call.
  ///   - progress: called with the number of finished questions.
  public static func run(
    _ evaluation: Evaluation, _ request: WorthRequest, threads: Int,
    skip: (@Sendable (SkippedClip) -> Void)? = nil,
    stated: @escaping @Sendable (WorthCost) -> Void = { _ in },
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws -> WorthStudy {
    let skipped = Mutex<[SkippedClip]>([])
    let skipping = skip.map { skip in
      { @Sendable (clip: SkippedClip) in
        skipped.withLock { $0.append(clip) }
        skip(clip)
      }
    }
    let clips = Dictionary(
      evaluation.set.clips.flatMap { clip in clip.questions.map { ($0.id, clip.id) } },
      uniquingKeysWith: { first, _ in first })
    let rows = try evaluation.map(threads: threads, skip: skipping, progress: progress) {
      question in
      var probe = try WorthProbe(question, request, Cancellation())
      stated(probe.result.cost)
      while try probe.advance(Cancellation()) {}
      let own = question.question
      return (
        row: Row(
          question: own.id, clip: clips[own.id] ?? own.id, kind: own.kind, result: probe.result),
        texts: question.notices
      )
    }
    var study = WorthStudy(rows.map(\.row), request)
    study.notices = .init(rows.map { ($0.row.question, $0.texts) })
    study.skipped = skipped.withLock { $0 }.unanswered(by: [])
    return study
  }
}
