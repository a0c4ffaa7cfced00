// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys as in the trace-event format.

import Basics
import Foundation
import Runs
import Selection
import Sessions

/// A run in the Chrome trace-event format, which ui.perfetto.dev opens: a slice for every stage,
/// layer and selection, and counters for tokens and KV cache bytes.
///
/// Slices follow each other without gaps. There are a few events per layer, for any prompt length.
public struct PerfettoTrace: Encodable {
  /// One trace event. `ph` is its type: M for metadata, X for a slice, C for a counter. Times are
  /// in microseconds.
  struct Event: Encodable {
    enum Argument: Encodable {
      case text(String)
      case number(Double)

      func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .text(let text): try value.encode(text)
        case .number(let number): try value.encode(number)
        }
      }
    }

    var name: String
    var cat: String?
    var ph: String
    var ts: Double?
    var dur: Double?
    var pid = 1
    var tid: Int?
    var args: [String: Argument] = [:]
  }

  private(set) var traceEvents: [Event] = []
  let displayTimeUnit = "ms"

  private static let plan = 1
  private static let full = 2

  public init(_ run: TracedRun) {
    name(run)
    var clock = 0.0
    count("tokens", at: clock, Self.counts(run.subject.prompt.counts))
    for record in run.records { add(record, &clock) }
    if let answer = run.answer { add(answer, &clock) }
    if let full = run.full { add(full, after: run.records) }
  }

  /// The trace as a JSON object in the Chrome trace-event format, with sorted keys.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self).escapedJSON + Data("\n".utf8)
  }

  private mutating func name(_ run: TracedRun) {
    let title = [run.subject.model.name, run.subject.clip.title].filter { !$0.isEmpty }
    let names = [
      ("process_name", nil, title.joined(separator: " · ")),
      ("thread_name", Self.plan, run.methodName),
      ("thread_name", run.full == nil ? nil : Self.full, "full tokens"),
    ]
    for (kind, thread, text) in names where kind == "process_name" || thread != nil {
      traceEvents.append(Event(name: kind, ph: "M", tid: thread, args: ["name": .text(text)]))
    }
  }

  private mutating func slice(
    _ name: String, _ category: String, from start: Double, milliseconds: Double,
    on thread: Int = plan, _ args: [String: Double] = [:]
  ) {
    traceEvents.append(
      Event(
        name: name, cat: category, ph: "X", ts: start, dur: milliseconds * 1000, tid: thread,
        args: args.mapValues { .number($0) }))
  }

  private mutating func count(_ name: String, at time: Double, _ values: [String: Double]) {
    traceEvents.append(
      Event(name: name, ph: "C", ts: time, args: values.mapValues { .number($0) }))
  }

  private mutating func add(_ record: StepRecord, _ clock: inout Double) {
    let entering = record.entering
    slice(
      record.step.label, "step", from: clock, milliseconds: record.milliseconds,
      [
        "tokens": Double(entering.total), "executed FLOPs": record.executedFlops,
        "reference FLOPs": record.referenceFlops,
      ].compactMapValues(\.self))
    var inside = clock
    for (name, part) in [
      ("attention", record.attentionMilliseconds), ("feed-forward", record.feedForwardMilliseconds),
    ] where part > 0 {
      slice(name, "part", from: inside, milliseconds: part)
      inside += part * 1000
    }
    clock += record.milliseconds * 1000
    if let drop = record.drop {
      slice(
        drop.kind.label, "selection", from: clock, milliseconds: record.selectionMilliseconds,
        [
          "dropped video": Double(entering.video - record.leaving.video),
          "dropped audio": Double(entering.audio - record.leaving.audio),
        ])
      clock += record.selectionMilliseconds * 1000
    }
    count("tokens", at: clock, Self.counts(record.leaving))
    if let bytes = record.keyValueBytes {
      count("KV cache", at: clock, ["bytes": Double(bytes)])
    }
  }

  private mutating func add(_ answer: AnswerRecord, _ clock: inout Double) {
    guard let each = answer.millisecondsPerToken, answer.tokenIDs.count > 1 else { return }
    let tokens = answer.tokenIDs.count - 1
    slice(
      "decoding", "step", from: clock, milliseconds: each * Double(tokens),
      ["tokens": Double(tokens), "ms per token": each])
  }

  /// Adds the slices of the full-token run, starting at the same time as the plan's layers.
  private mutating func add(_ full: FullRunRecord, after records: [StepRecord]) {
    var clock = 0.0
    for record in records {
      guard record.step == .encoders || record.step == .stage1 else { break }
      clock += record.totalMilliseconds * 1000
    }
    for (index, milliseconds) in full.layerMilliseconds.enumerated() {
      slice(
        PrefillStep.layer(index + 1).label, "step", from: clock, milliseconds: milliseconds,
        on: Self.full)
      clock += milliseconds * 1000
    }
  }

  private static func counts(_ counts: ModalityCounts) -> [String: Double] {
    [
      "text": Double(counts.textAndImage), "video": Double(counts.video),
      "audio": Double(counts.audio),
    ]
  }
}

extension DropRecord.Kind {
  /// Name of the drop in the trace: `selection` or `removal`.
  fileprivate var label: String {
    switch self {
    case .stage1: "Stage I selection"
    case .prune: "selection"
    case .remove: "removal"
    }
  }
}
