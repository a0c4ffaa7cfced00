import Basics
import Evaluations
import Runs
import Selection

/// Totals of a run over its finished steps.
struct RunTotals: Sendable, Equatable {
  /// Time of Stage I, layers, head and selections so far in milliseconds, without encoders.
  let prefillMilliseconds: Double
  let encoderMilliseconds: Double
  let selectionMilliseconds: Double
  /// FLOPs executed so far; nil if unknown.
  let executedFlops: Double?
  /// Bytes of the KV cache now, and with full tokens after as many layers; nil if unknown.
  let keyValueBytes: Int?
  let fullKeyValueBytes: Int?
  let layersRun: Int
  /// Retention reached and reference FLOPs; nil until the run is complete.
  let retention: Double?
  let referenceFlops: Double?
  /// Speed-up over full tokens on the same layers; nil if full tokens have not run.
  let speedup: Double?

  init(_ run: RunState) {
    let records = run.ledger.current
    let decoder = records.dropFirst()
    encoderMilliseconds = records.first?.milliseconds ?? 0
    selectionMilliseconds = records.reduce(0) { $0 + $1.selectionMilliseconds }
    prefillMilliseconds = decoder.reduce(0) { $0 + $1.milliseconds + $1.selectionMilliseconds }
    executedFlops = records.knownSum(\.executedFlops)
    keyValueBytes = records.isEmpty ? 0 : records.last?.keyValueBytes
    layersRun = min(run.layers, max(0, records.count - 2))
    (retention, referenceFlops) = run.isComplete ? Self.outcome(run, records) : (nil, nil)
    let tokenBytes = run.subject?.model.decoder.keyValueBytesPerToken ?? 0
    let whole = tokenBytes * (run.subject?.prompt.counts.total ?? 0) * layersRun
    fullKeyValueBytes = tokenBytes > 0 ? whole : nil
    speedup = Self.speedup(run, layersRun, prefillMilliseconds)
  }

  private static func outcome(_ run: RunState, _ records: some Collection<StepRecord>) -> (
    Double, Double?
  ) {
    let counts = run.subject?.prompt.counts ?? ModalityCounts()
    return (
      records.layers.map(\.entering).retention(of: counts), records.knownSum(\.referenceFlops)
    )
  }

  private static func speedup(_ run: RunState, _ layers: Int, _ own: Double) -> Double? {
    if run.isComplete, let plan = run.spread(full: false), let full = run.spread(full: true) {
      return full.median / plan.median
    }
    guard let full = run.fullRun, layers > 0, own > 0 else { return nil }
    let same =
      run.isComplete
      ? full.prefillMilliseconds : full.layerMilliseconds.prefix(layers).reduce(0, +)
    return same / own
  }
}

extension RunState {
  /// Median and range of the prefill times of the repetitions; nil without repetitions.
  func spread(full isFull: Bool) -> Spread? {
    Spread(repeats.filter { $0.isFull == isFull }.map(\.prefillMilliseconds))
  }

  /// The measurements that a speed-up is based on, as text: `1 run`, `medians of 5`.
  var evidence: String {
    guard let plan = spread(full: false), let full = spread(full: true) else { return "1 run" }
    let count = min(plan.count, full.count)
    return count == 1 ? "1 repetition" : "medians of \(count)"
  }

  /// Whether prefill and answer are complete.
  var isAnswered: Bool { isComplete && answer?.isComplete == true }

  /// Whether the answers of plan and full tokens have the same token ids; nil until both are
  /// complete.
  var isSameAnswer: Bool? {
    guard let answer, let fullRun, answer.isComplete, isComplete else { return nil }
    return answer.tokenIDs == fullRun.answer.tokenIDs
  }

  /// Whether the answer is right; nil if no right answer is known.
  var isRightAnswer: Bool? {
    guard let answer, answer.isComplete else { return nil }
    return subject?.clip.isRight(answer.text)
  }
}

extension String {
  /// The text without white space at both ends.
  var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
