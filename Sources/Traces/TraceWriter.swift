import Basics
import Foundation
import Runs
import Selection
import Sessions

/// Encodes session events as lines of a trace, in the format of docs/trace-format.md.
public struct TraceWriter: Sendable {
  private let encoder: JSONEncoder
  /// The answer written last, so that the next line contains only the difference.
  private var answer: AnswerRecord?

  /// Removes folders from text; nil if full paths are kept.
  private var folders: KnownFolders?

  /// A writer for one trace.
  /// - Parameter keepsPaths: whether lines contain full paths, or only file names.
  public init(keepsPaths: Bool = true) {
    folders = keepsPaths ? nil : KnownFolders()
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  }

  /// The first line of a trace.
  /// - Parameters:
  ///   - writer: name and version of the writing program.
  ///   - started: start time in ISO 8601 format.
  ///   - runID: unique id of the trace.
  public func header(writer: String, started: String?, runID: String? = nil) throws -> Data {
    try line(TraceHeader(writer: writer, started: started, run_id: runID))
  }

  /// The line of an event; nil for events that are not recorded.
  /// - Parameter seconds: time since the header was written.
  public mutating func line(_ event: SessionEvent, at seconds: Double?) throws -> Data? {
    guard let wire = wire(event) else { return nil }
    // The time is rounded to microseconds.
    return try line(TraceLine(at: seconds.map { ($0 * 1e6).rounded() / 1e6 }, wire))
  }

  /// The last line of a complete trace.
  public func end(at seconds: Double?, peakMemoryBytes: Int?) throws -> Data {
    try line(TraceLine(at: seconds, .end(TraceEnd(peak_memory_bytes: peakMemoryBytes))))
  }

  private func line(_ value: some Encodable) throws -> Data {
    try encoder.encode(value).escapedJSON + Data("\n".utf8)
  }

  private mutating func wire(_ event: SessionEvent) -> TraceLine.Event? {
    switch event {
    case .loading, .progress, .peakMemory, .paused, .study, .found, .settled, .scored:
      return nil
    case .opened(let subject, let settings, let plan):
      answer = nil
      folders?.add(folderOf: subject.clip.source)
      for part in subject.clip.parts { folders?.add(folderOf: part.source) }
      return .run(withoutFolders(TraceRun(subject, settings, plan)))
    case .planned(let settings, let plan, let kept):
      answer = nil
      return .plan(
        TracePlanChange(settings: TraceSettings(settings), plan: TracePlan(plan), keeps: kept))
    case .began(let step): return .began(TraceStepName(step))
    case .advanced(let record): return .step(TraceStep(record))
    case .rewound(let steps):
      answer = nil
      return .rewind(TraceRewind(steps: steps))
    case .activity(let activity): return .activity(TraceActivity(state: activity.traceName))
    case .answered(let record): return answered(record)
    case .fullRun(let record): return .full(TraceFull(record))
    case .repeated(let record):
      return .repeated(
        TraceRepeat(full: record.isFull ? true : nil, step_ms: record.stepMilliseconds))
    case .lens(let update): return .lens(TraceLens(update))
    case .peak(let peak):
      return .peak(
        TracePeak(
          flops_per_second: peak.flopsPerSecond, threads: peak.threads,
          precision: peak.precision))
    case .logged(let message):
      return .message(TraceMessage(kind: "note", text: withoutFolders(message.text)))
    case .warned(let message):
      return .message(TraceMessage(kind: "warning", text: withoutFolders(message.text)))
    case .saved(let path): return .message(TraceMessage(kind: "saved", text: withoutFolders(path)))
    case .failed(let message):
      return .message(TraceMessage(kind: "error", text: withoutFolders(message.text)))
    }
  }

  private func withoutFolders(_ text: String) -> String { folders?.removed(from: text) ?? text }

  private func withoutFolders(_ run: TraceRun) -> TraceRun {
    guard let folders, var clip = run.clip else { return run }
    clip.source = clip.source.map(KnownFolders.name)
    clip.parts = clip.parts?.map { part in
      var part = part
      part.source = part.source.map(KnownFolders.name)
      return part
    }
    clip.audit = clip.audit?.map { fact in
      var fact = fact
      fact.fact = folders.removed(from: fact.fact)
      fact.subject = folders.removed(from: fact.subject)
      return fact
    }
    var run = run
    run.clip = clip
    return run
  }

  /// A `token` event if the answer has one more token, otherwise the whole `answer`.
  private mutating func answered(_ record: AnswerRecord) -> TraceLine.Event {
    let before = answer ?? .empty
    answer = record
    guard !record.isComplete, record.tokenCount == before.tokenCount + 1,
      let id = record.lastTokenID
    else { return .answer(TraceAnswer(record)) }
    let growth = record.growth(since: before)
    guard growth.keptIDs == before.tokenCount else { return .answer(TraceAnswer(record)) }
    let back = before.scalarCount(from: growth.keptBytes)
    return .token(
      TraceToken(
        id: id, text: String(decoding: growth.bytes, as: UTF8.self), back: back > 0 ? back : nil,
        ms_per_token: record.millisecondsPerToken,
        top_logits: before.tokenCount == 0
          ? record.topLogits.map(TraceAnswer.Candidate.init) : nil))
  }
}

extension SessionActivity {
  static let traceNames: [(activity: SessionActivity, name: String)] = [
    (.idle, "idle"), (.running, "running"), (.decoding, "decoding"), (.runningFull, "full"),
    (.repeating, "repeating"),
  ]

  var traceName: String { Self.traceNames.first { $0.activity == self }?.name ?? "idle" }
}
