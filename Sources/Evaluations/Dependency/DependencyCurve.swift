import OmniModel
import Selection
import Synchronization

/// Dependency curve: accuracy after removing video, audio or both before layer l, for every l. It
/// shows in which layers video and audio are used (the analysis in the SEATS paper).
public struct DependencyCurve: Sendable, Equatable, Encodable {
  /// One point of a dependency curve: tokens removed before `layer`, counted from 1.
  public struct Point: Sendable, Equatable, Encodable {
    public let layer: Int
    public let removal: Removal
    /// Accuracy with the tokens removed; nil if the questions have no right answers.
    public let accuracy: Accuracy?
    public let sameAsFull: Accuracy
    /// Mean KL divergence of the first answer token from full tokens, in nats.
    public let divergence: Double

    public init(
      layer: Int, removal: Removal, accuracy: Accuracy?, sameAsFull: Accuracy, divergence: Double
    ) {
      self.layer = layer
      self.removal = removal
      self.accuracy = accuracy
      self.sameAsFull = sameAsFull
      self.divergence = divergence
    }
  }

  public let questions: Int
  /// Accuracy with full tokens; nil if the questions have no right answers.
  public let full: Accuracy?
  public let points: [Point]
  public let layers: Int
  public let blocks: DependencyBlocks
  /// FLOPs of measuring one removal before all layers, in units of one full prefill, without the
  /// full-token run that all removals share.
  public let cost: [Removal: Double]
  /// Notices about the clips of the evaluation.
  public private(set) var notices: [EvaluationNotice] = []
  /// Clips that could not be read; their questions are not part of the curve.
  public private(set) var skipped: [SkippedClip] = []

  /// Measures every question with full tokens and with every removal.
  /// - Parameter skip: called for each clip that cannot be read. If nil, the first such clip
  ///   throws.
  public static func run(
    _ evaluation: Evaluation, removals: [Removal] = Removal.allCases, threads: Int,
    skip: (@Sendable (SkippedClip) -> Void)? = nil,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws -> DependencyCurve {
    let skipped = Mutex<[SkippedClip]>([])
    let skipping = skip.map { skip in
      { @Sendable (clip: SkippedClip) in
        skipped.withLock { $0.append(clip) }
        skip(clip)
      }
    }
    let rows = try evaluation.map(threads: threads, skip: skipping, progress: progress) {
      question in
      (
        row: try DependencyRow(question, removals), question: question.question.id,
        texts: question.notices
      )
    }
    var curve = DependencyCurve(
      rows.map(\.row), layers: evaluation.thinker.configuration.text.layers)
    curve.notices = .init(rows.map { ($0.question, $0.texts) })
    curve.skipped = skipped.withLock { $0 }.unanswered(by: [])
    return curve
  }

  /// Computes the curve from the results of the questions.
  /// - Parameter rows: one per question; all have the same removals.
  init(_ rows: [DependencyRow], layers: Int) {
    let first = rows.first?.readings ?? []
    let points = first.indices.map { index in
      let column = rows.map { $0.readings[index] }
      let judged = rows.map { $0.isRight[index] }
      return Point(
        layer: first[index].layer, removal: first[index].removal,
        accuracy: Self.accuracy(judged), sameAsFull: Accuracy(column.map(\.isSameAsFull)),
        divergence: column.reduce(0) { $0 + $1.divergence } / Double(column.count))
    }
    self.init(
      questions: rows.count, full: Self.accuracy(rows.map(\.isFullRight)), points: points,
      layers: layers, cost: Self.cost(rows))
  }

  /// A dependency curve of given points. The blocks are computed from the points of the removal
  /// `both`.
  public init(
    questions: Int, full: Accuracy?, points: [Point], layers: Int, cost: [Removal: Double]
  ) {
    self.questions = questions
    self.full = full
    self.points = points
    self.layers = layers
    self.cost = cost
    let both = points.filter { $0.removal == .both }
    blocks = DependencyBlocks(Self.merit(both, full), layers: layers)
  }

  private static func accuracy(_ judged: [Bool?]) -> Accuracy? {
    let known = judged.compactMap(\.self)
    return known.isEmpty ? nil : Accuracy(known)
  }

  /// Results relative to full tokens: ratios of accuracy for several questions, or of KL divergence
  /// for one question.
  private static func merit(_ points: [Point], _ full: Accuracy?) -> DependencyBlocks.Merit {
    if let full, full.asked > 1, full.right > 0 {
      let slack = min(1, full.standardError / full.share)
      return .init(
        shares: points.map { ($0.accuracy?.share ?? 0) / full.share }, slack: max(0.02, slack))
    }
    let worst = points.map(\.divergence).max() ?? 0
    return .init(
      shares: points.map { worst > 0 ? 1 - $0.divergence / worst : 1 }, slack: 0.02)
  }

  private static func cost(_ rows: [DependencyRow]) -> [Removal: Double] {
    let full = rows.reduce(0) { $0 + $1.fullFlops }
    var sums: [Removal: Double] = [:]
    for reading in rows.flatMap(\.readings) {
      sums[reading.removal, default: 0] += reading.executedFlops
    }
    return sums.mapValues { full > 0 ? $0 / full : 0 }
  }
}

/// Results of one question for every removal before every layer.
public struct DependencyRow: Sendable {
  /// Whether the answer with full tokens is right; nil if there is no right answer.
  let isFullRight: Bool?
  let isRight: [Bool?]
  let readings: [DependencyProbe.Reading]
  let fullFlops: Double

  init(_ question: EncodedQuestion, _ removals: [Removal]) throws(PrefillError) {
    var probe = try DependencyProbe(
      question.prefill(.full), by: question.thinker, removals: removals,
      longestAnswer: question.longestAnswer, Cancellation())
    var readings: [DependencyProbe.Reading] = []
    while let reading = try probe.advance(Cancellation()) { readings.append(reading) }
    self.init(probe, readings) { question.question.isRight($0) }
  }

  /// Computes the results of one question from the readings of a probe.
  /// - Parameter judge: returns whether an answer is right, or nil if unknown.
  public init(
    _ probe: DependencyProbe, _ readings: [DependencyProbe.Reading], judge: (String) -> Bool?
  ) {
    isFullRight = judge(probe.full.text)
    isRight = readings.map { judge($0.answer) }
    self.readings = readings
    fullFlops = probe.fullFlops
  }
}
