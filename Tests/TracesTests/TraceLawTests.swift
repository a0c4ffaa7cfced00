import Foundation
import OmniModel
import Selection
import Testing

@testable import Basics
@testable import Runs
@testable import Sessions
@testable import Traces

/// What any trace may rely on, whoever wrote it.
@Suite struct `The trace format` {
  /// As little as a foreign engine may write: two layers, six tokens.
  static let foreign = [
    #"{"schema":"seats-top/trace/1","writer":"elsewhere 3"}"#,
    #"{"event":"run","model":{"name":"tiny","layers":2},"tokens":{"modality":"TVVAAT"}}"#,
    #"{"event":"step","layer":1,"ms":4,"drop":{"kind":"prune","kept":[0,2,3,5],"scores":[1,2,3,4,-5,6]}}"#,
    #"{"event":"step","layer":2,"ms":2,"leaving":{"video":0,"audio":0}}"#,
    #"{"at":0.5,"event":"token","id":7,"text":"caf\u00c3"}"#,
    #"{"event":"token","id":8,"text":"é","back":1}"#,
    #"{"event":"answer","text":"café","token_ids":[7,8,2]}"#,
    #"{"event":"end","peak_memory_bytes":1000}"#,
  ]

  private func read(_ lines: [String]) throws -> [SessionEvent] {
    var reader = TraceReader()
    return try lines.flatMap { try reader.read(Data($0.utf8)).map(\.event) }
  }

  private func records(_ events: [SessionEvent]) -> [StepRecord] {
    events.compactMap { if case .advanced(let record) = $0 { record } else { nil } }
  }

  @Test func `a trace of another engine may leave out unknown values`() throws {
    let events = try read(Self.foreign)
    guard case .opened(let subject, _, _) = events.first else {
      Issue.record("\(events)")
      return
    }
    #expect(subject.origin?.writer == "elsewhere 3" && subject.origin?.method == "recorded")
    #expect(subject.origin?.statesPlan == false)
    #expect(subject.prompt.counts == ModalityCounts(text: 2, video: 2, audio: 2))
    let records = records(events)
    #expect(records.map(\.step) == [.encoders, .stage1, .layer(1), .layer(2), .head])
    #expect(records[2].drop?.before == [0, 1, 2, 3, 4, 5])
    #expect(records[2].leaving == ModalityCounts(text: 2, video: 1, audio: 1))
    #expect(records[3].entering == records[2].leaving)
    #expect(records[3].leaving == ModalityCounts(text: 2))
    let answers = events.compactMap { if case .answered(let answer) = $0 { answer } else { nil } }
    #expect(answers.map(\.text) == ["cafÃ", "café", "café"])
    #expect(answers.map(\.isComplete) == [false, false, true])
    #expect(events.last == .peakMemory(1000))
  }

  @Test func `a repeated step in a trace replaces it and all later steps`() throws {
    let again = #"{"event":"step","layer":1,"ms":9}"#
    let events = try read(Array(Self.foreign.prefix(4)) + [again])
    guard case .rewound(let steps) = events.dropLast().last else {
      Issue.record("\(events.suffix(2))")
      return
    }
    #expect(steps == 2)
    let run = try TracedRun(
      Data((Self.foreign.prefix(4) + [again]).joined(separator: "\n").utf8) + Data("\n".utf8))
    #expect(run.records.map(\.step) == [.encoders, .stage1, .layer(1)])
    #expect(run.records.last?.milliseconds == 9 && run.records.last?.leaving.total == 6)
  }

  @Test func `steps missing in a trace take no time and drop nothing`() throws {
    let sizes = #""layers":2,"hidden":4,"kv_width":2,"intermediate":8,"vocabulary":10"#
    let run = [
      Self.foreign[0], Self.foreign[1].replacing(#""layers":2"#, with: sizes),
      #"{"event":"step","layer":2,"ms":2,"leaving":{"video":1,"audio":0}}"#,
      #"{"event":"answer","text":"x","token_ids":[2]}"#,
    ]
    let records = records(try read(run))
    #expect(records.map(\.step) == [.encoders, .stage1, .layer(1), .layer(2), .head])
    for record in records where record.step != .layer(2) {
      #expect(record.totalMilliseconds == 0 && record.drop == nil && record.executedFlops == nil)
      #expect(record.entering == record.leaving)
    }
    #expect(records.map(\.entering.total) == [6, 6, 6, 6, 3])
    // Keys and values of 2 × 2 numbers in single precision, for the layers that have run.
    #expect(records.map(\.keyValueBytes) == [0, 0, 6 * 16, 2 * 3 * 16, 2 * 3 * 16])
    let cost = ReferenceCost(
      DecoderShape(layers: 2, hidden: 4, keyValueWidth: 2, intermediate: 8, vocabulary: 10))
    #expect(
      records.map(\.referenceFlops) == [
        0, 0, cost.layer(tokens: 6), cost.layer(tokens: 6), cost.head(tokens: 3),
      ])
  }

  @Test func `reading a long answer takes memory linear in its tokens`() throws {
    let tokens = (0..<8_000).map { #"{"event":"token","id":\#($0),"text":"é"}"# }
    let trace =
      Data((Self.foreign.prefix(2) + tokens).joined(separator: "\n").utf8) + Data("\n".utf8)
    let before = try #require(MachineMemory.resident)
    let run = try TracedRun(trace)
    // Stage by stage its numbers alone are 256 MB.
    #expect(try #require(MachineMemory.resident) - before < 64 << 20)
    #expect(run.answer?.tokenIDs == Array(0..<8_000))
    #expect(run.answer?.text == String(repeating: "é", count: 8_000))
  }

  @Test func `a trace restores every stage of an answer`() throws {
    let answers = try read(Self.foreign).compactMap {
      if case .answered(let answer) = $0 { answer } else { nil }
    }
    var course = AnswerHistory()
    for answer in answers { course.append(answer) }
    #expect((0..<course.count).map { course[$0] } == answers)
    course.append(answers[1])
    #expect((0..<course.count).map { course[$0] } == Array(answers.prefix(2)))
    #expect(course.last == answers[1])
  }

  @Test func `an answer over the size limit of traces is refused`() throws {
    let text = String(repeating: "a", count: TraceLimits.answerBytes)
    let start = Self.foreign.prefix(2) + [#"{"event":"token","id":1,"text":"\#(text)"}"#]
    #expect(throws: TraceFault.self) {
      try read(start + [#"{"event":"token","id":1,"text":"a"}"#])
    }
    #expect(throws: TraceFault.self) { try read(start + [#"{"event":"token","id":1,"back":-1}"#]) }
    let last = try read(start + [#"{"event":"token","id":1,"back":1}"#]).last
    guard case .answered(let answer) = last else {
      Issue.record("\(String(describing: last))")
      return
    }
    #expect(answer.text == text.dropLast())
  }

  @Test func `a trace truncated at any byte is read up to its last whole line`() throws {
    let whole = Data((Self.foreign.joined(separator: "\n") + "\n").utf8)
    let all = try read(Self.foreign)
    var longest = 0
    for length in 0...whole.count {
      var (lines, reader) = (TraceLines(), TraceReader())
      let events = try lines.take(whole.prefix(length)).flatMap { line in
        try reader.read(line).map(\.event)
      }
      #expect(events == Array(all.prefix(events.count)), "cut at byte \(length)")
      #expect(events.count >= longest)
      #expect(lines.hasPartialLine == (length > 0 && whole[length - 1] != 10))
      longest = events.count
    }
    #expect(longest == all.count)
  }

  @Test func `a trace read in any chunks gives equal events`() throws {
    let whole = Data((Self.foreign.joined(separator: "\n") + "\n").utf8)
    for size in [1, 2, 7, 64] {
      var lines = TraceLines()
      let found = stride(from: 0, to: whole.count, by: size).flatMap {
        lines.take(whole[$0..<min($0 + size, whole.count)])
      }
      #expect(found.map { String(decoding: $0, as: UTF8.self) } == Self.foreign)
    }
  }

  @Test func `unknown keys and events of a trace are skipped`() throws {
    let later = Self.foreign.map {
      $0.replacingOccurrences(of: #""event":"#, with: #""later":{"a":[1]},"event":"#)
    }
    #expect(try read(later) == read(Self.foreign))
    var reader = TraceReader()
    _ = try reader.read(Data(later[0].utf8))
    #expect(try reader.read(Data(#"{"event":"weather","sky":"blue"}"#.utf8)).isEmpty)
    #expect(reader.unknownEvents == ["weather"])
  }

  @Test func `a trace of another schema or format is refused`() {
    for (line, problem): (String, TraceFault.Problem) in [
      (#"{"schema":"seats-top/trace/2"}"#, .otherSchema("seats-top/trace/2")),
      (#"{"schema":"seats-top/report/1"}"#, .otherSchema("seats-top/report/1")),
      ("P6 1 1 255", .notATrace), ("{}", .notATrace), ("[1]", .notATrace),
    ] {
      #expect(throws: TraceFault(line: 1, problem)) { try read([line]) }
    }
  }

  static let hostile: [(String, String)] = [
    (#"{"event":"step","layer":3}"#, "layer"),
    (#"{"event":"step","layer":0}"#, "layer"),
    (#"{"event":"step","step":"lunch"}"#, "step"),
    (#"{"event":"step","layer":1,"ms":-1}"#, "ms"),
    (#"{"event":"step","layer":1,"ms":1e300}"#, "ms"),
    (#"{"event":"step","layer":1,"kv_bytes":-1}"#, "kv_bytes"),
    (#"{"event":"step","layer":1,"leaving":{"video":9}}"#, "leaving.video"),
    (#"{"event":"step","layer":1,"drop":{"kind":"prune","kept":[0,6]}}"#, "drop.kept"),
    (#"{"event":"step","layer":1,"drop":{"kind":"prune","kept":[2,1]}}"#, "drop.kept"),
    (#"{"event":"step","layer":1,"drop":{"kind":"prune","kept":[-1]}}"#, "drop.kept"),
    (#"{"event":"step","layer":1,"drop":{"kind":"eaten","kept":[0]}}"#, "drop.kind"),
    (#"{"event":"step","layer":1,"drop":{"kind":"prune","kept":[0],"scores":[1]}}"#, "drop.scores"),
    (
      #"{"event":"step","layer":1,"leaving":{"video":2},"drop":{"kind":"prune","kept":[0]}}"#,
      "leaving"
    ),
    (#"{"event":"rewind","steps":-1}"#, "steps"),
    (#"{"event":"activity","state":"asleep"}"#, "state"),
    (#"{"event":"token","id":1,"back":5}"#, "back"),
    (#"{"event":"full","prefill_ms":1,"layer_ms":[1]}"#, "layer_ms"),
    (#"{"event":"plan","keeps":99,"plan":{"method":"seats"}}"#, "keeps"),
    (
      #"{"event":"plan","keeps":1,"plan":{"method":"m","boundaries":[{"after_layer":9,"rule":"remove"}]}}"#,
      "plan.boundaries.after_layer"
    ),
    (#"{"at":-1,"event":"end"}"#, "at"),
    (
      #"{"event":"run","model":{"name":"m","layers":1e9},"tokens":{"modality":"T"}}"#,
      "model.layers"
    ),
    (
      #"{"event":"run","model":{"name":"m","layers":2},"tokens":{"modality":"TX"}}"#,
      "tokens.modality"
    ),
    (
      #"{"event":"run","model":{"name":"m","layers":2},"tokens":{"modality":"TV","row":[1]}}"#,
      "tokens.row"
    ),
    (
      #"{"event":"run","model":{"name":"m","layers":2},"tokens":{"modality":"TV"},"media":{"video":{"times":1,"rows":1,"columns":9000000,"seconds_per_grid":1}}}"#,
      "media.video.times"
    ),
  ]

  @Test(arguments: hostile)
  func `an invalid trace value is an error with its line, without effect`(
    _ line: String, key: String
  ) throws {
    var reader = TraceReader()
    for known in Self.foreign.prefix(2) { _ = try reader.read(Data(known.utf8)) }
    let error = #expect(throws: TraceFault.self) { try reader.read(Data(line.utf8)) }
    #expect(error?.line == 3)
    guard case .badValue(key, _, _) = error?.problem else {
      Issue.record("\(String(describing: error)) is not about \(key)")
      return
    }
    let rest = try Self.foreign.dropFirst(2).flatMap { try reader.read(Data($0.utf8)) }
    #expect(rest.map(\.event) == Array(try read(Self.foreign).dropFirst()))
  }

  @Test(arguments: [
    ("{", "notJSON"), ("nonsense", "notJSON"), (#"{"event":"step","layer":NaN}"#, "notJSON"),
    (#"{"event":"step","layer":1,"ms":1e999}"#, ""), (#"{"ms":1}"#, "missingKey(\"event\")"),
    (#"{"event":"step"}"#, "missingKey(\"layer\")"),
    (#"{"event":"step","layer":"one"}"#, "wrongType(key: \"layer\")"),
    (#"{"event":"step","layer":1,"drop":{"kind":"prune","kept":[0,"x"]}}"#, "drop.kept[1]"),
    (String(repeating: "[", count: 100_000), "notJSON"),
  ])
  func `a broken trace line is an error with its number`(_ line: String, words: String) throws {
    var reader = TraceReader()
    for known in Self.foreign.prefix(2) { _ = try reader.read(Data(known.utf8)) }
    let error = #expect(throws: TraceFault.self) { try reader.read(Data(line.utf8)) }
    #expect(
      error?.line == 3 && words.isEmpty || "\(error.map { "\($0.problem)" } ?? "")".contains(words))
  }

  @Test func `a trace may have messages before its run but no other events`() throws {
    var reader = TraceReader()
    _ = try reader.read(Data(Self.foreign[0].utf8))
    #expect(
      try reader.read(Data(#"{"event":"message","text":"hi"}"#.utf8)).map(\.event)
        == [.logged("hi")])
    #expect(throws: TraceFault(line: 3, .beforeRun(event: "step"))) {
      try reader.read(Data(Self.foreign[2].utf8))
    }
  }
}
