import Foundation
import OmniModel
import Selection
import TestSupport
import Testing

@testable import Runs
@testable import Sessions
@testable import Traces

/// A finished run, as its trace and as what other programs read.
@Suite struct `An export` {
  private struct Sample {
    let run: ProfiledRun
    let thinker: Thinker
    let traced: TracedRun
  }

  /// The golden clip under SEATS with odd settings, its reference run included.
  private func sample() async throws -> Sample {
    let golden = Fixtures.golden.appending(path: "qwen2_5_av")
    var options = SelectionOptions()
    options.take(try SeatsConfiguration(yaml: Self.odd))
    (options.videoRatio, options.audioRatio) = (0.3, 0.65)
    let request = RunRequest(
      model: golden.appending(path: "checkpoint").path, clip: golden.appending(path: "clip").path,
      options: options, maxNewTokens: 4, ignoresEnd: true)
    let opened = try await OpenedRun(request)
    var run = ProfiledRun(opened, request)
    try finish(&run)
    var full = run.fullTokens()
    try finish(&full)
    let trace = try Self.trace(run, FullRunRecord(full))
    return Sample(run: run, thinker: opened.thinker, traced: try TracedRun(trace))
  }

  private func finish(_ run: inout ProfiledRun) throws {
    while try run.advance(Cancellation()) != nil {}
    while !run.isAnswered { _ = try run.decode() }
  }

  private static func trace(_ run: ProfiledRun, _ full: FullRunRecord?) throws -> Data {
    var writer = TraceWriter()
    var events: [SessionEvent] = [
      .opened(run.opened.subject, settings: run.settings, plan: run.plan)
    ]
    events += run.records.map(SessionEvent.advanced)
    events += [run.answer.map(SessionEvent.answered), full.map(SessionEvent.fullRun)]
      .compactMap { $0 }
    var trace = try writer.header(writer: "tests 1", started: nil)
    for event in events { trace += try writer.line(event, at: nil) ?? Data() }
    return trace + (try writer.end(at: nil, peakMemoryBytes: nil))
  }

  private static let odd = """
    # written by hand
    encoder_ratio_scale: 1.3
    grid_in_window: 1   # a comment
    sec_in_audio_window: 2
    progressive_drop_layers: "3-4-6"
    late_block_layer: 9
    progressive_schedule: 'exp'
    inter_window_softmax_temp: 0.25
    """

  // MARK: A trace as a whole

  @Test func `an export of a trace equals the run`() async throws {
    let sample = try await sample()
    #expect(sample.traced.records == sample.run.records)
    #expect(sample.traced.answer == sample.run.answer)
    #expect(sample.traced.settings == sample.run.settings)
    #expect(sample.traced.plan == sample.run.plan)
    #expect(sample.traced.full?.layerMilliseconds.count == 10)
    #expect(sample.traced.methodName == "seats")
    #expect(sample.traced.faults.isEmpty)
  }

  private static let head = """
    {"schema":"seats-top/trace/1"}
    {"event":"run","model":{"name":"m|*","layers":3,"hidden":4},"tokens":{"modality":"TVVAT"},\
    "clip":{"title":"a\\nb <i>"},"settings":{"method":"mine"}}

    """

  @Test func `an export skips a broken trace line and names it`() throws {
    let trace =
      Self.head + #"{"event":"step","layer":9}"# + "\nnonsense\n"
      + #"{"event":"step","layer":1,"ms":2,"drop":{"kind":"prune","kept":[0,1,4]}}"# + "\n"
    let run = try TracedRun(Data(trace.utf8))
    #expect(run.faults.map(\.line) == [3, 4])
    #expect(run.records.last?.leaving == ModalityCounts(text: 2, video: 1, audio: 0))
    #expect(run.methodName == "mine")
  }

  @Test func `an export of a run that stepped back has its last steps`() throws {
    let trace =
      Self.head + #"{"event":"step","layer":2,"ms":1}"# + "\n" + #"{"event":"rewind","steps":3}"#
      + "\n"
    #expect(try TracedRun(Data(trace.utf8)).records.count == 3)
  }

  @Test(arguments: [
    "", "{}", #"{"schema":"seats-top/trace/9"}"#, #"{"schema":"seats-top/trace/1"}"#,
  ])
  func `exporting a trace without a run is an error`(_ trace: String) {
    #expect(throws: TraceFault.self) { try TracedRun(Data(trace.utf8)) }
  }

  // MARK: Perfetto

  @Test func `the Perfetto export is valid trace-event JSON`() async throws {
    let sample = try await sample()
    let data = try PerfettoTrace(sample.traced).json()
    let events = try TraceEventSchema.check(data)
    let slices = events.filter { $0.ph == "X" && $0.tid == 1 }
    for record in sample.run.records {
      let slice = try #require(slices.first { $0.name == record.step.label })
      #expect(abs((slice.dur ?? 0) / 1000 - record.milliseconds) < 1e-6)
    }
    let drops = sample.run.records.count { $0.drop != nil }
    #expect(slices.count { $0.cat == "selection" } == drops && drops == 5)
    #expect(slices.count { $0.name == "attention" } == 10)
    #expect(events.count { $0.ph == "X" && $0.tid == 2 } == 10)
    let tokens = events.filter { $0.ph == "C" && $0.name == "tokens" }
    #expect(tokens.first?.args["video"] == .number(60))
    #expect(tokens.last?.args["video"] == .number(0) && tokens.last?.args["text"] == .number(60))
    #expect(events.contains { $0.ph == "C" && $0.name == "KV cache" })
  }

  @Test func `the Perfetto export of the sample stays below 24 KiB`() async throws {
    let sample = try await sample()
    // 13 steps, whatever the number of tokens.
    #expect(try PerfettoTrace(sample.traced).json().count < 24 << 10)
  }

  // MARK: Markdown

  @Test func `the Markdown export is one table for any names`() throws {
    let run = try TracedRun(Data(Self.head.utf8))
    let text = MarkdownReport(run).rendered
    #expect(text.hasPrefix("## m\\|\\* on a b \\<i\\>\n"))
    let whole = try TracedRun(
      Data((Self.head + #"{"event":"step","step":"head","ms":1}"# + "\n").utf8))
    let rows = MarkdownReport(whole).rendered.split(separator: "\n").filter { $0.hasPrefix("|") }
    #expect(rows.count == 2 + 6)
    #expect(rows.allSatisfy { $0.count { $0 == "|" } == 9 })
  }

  // MARK: config.yaml

  @Test func `a plan exported to config.yaml and read back is equal`() async throws {
    let sample = try await sample()
    let settings = sample.traced.settings
    let yaml = SeatsConfiguration(settings).yaml(budget: settings.budget)
    let back = try SeatsConfiguration(yaml: yaml)
    #expect(back == SeatsConfiguration(settings))
    #expect(back == (try SeatsConfiguration(yaml: Self.odd)))
    var options = SelectionOptions()
    options.take(back)
    (options.videoRatio, options.audioRatio) = (settings.budget.video, settings.budget.audio)
    let again = options.settings(for: sample.thinker)
    #expect(again == settings)
    #expect(again.plan(for: sample.run.opened.subject.promptShape) == sample.run.plan)
  }

  @Test func `config.yaml keeps a plan without drops or late removal`() throws {
    let settings = SelectionSettings(method: .seats, dropLayers: [], lateLayer: nil)
    let yaml = SeatsConfiguration(settings).yaml(budget: settings.budget)
    #expect(yaml.contains("progressive_drop_layers: null\nlate_block_layer: null\n"))
    #expect(try SeatsConfiguration(yaml: yaml) == SeatsConfiguration(settings))
  }

  @Test func `missing keys of config.yaml get the reference's defaults`() throws {
    let sparse = try SeatsConfiguration(yaml: "---\nlate_block_layer: 24\n")
    #expect(sparse.encoderScale == 1 && sparse.dropLayers.isEmpty && sparse.lateLayer == 24)
    #expect(sparse.windowTemperature == nil)
    #expect(
      try SeatsConfiguration(yaml: "progressive_drop_layers: 16,18 # two").dropLayers == [16, 18])
  }

  @Test(arguments: [
    ("grid_in_window 2", SeatsConfiguration.Fault.line(1, found: "grid_in_window 2")),
    ("\n  grid_in_window: 2", .line(2, found: "  grid_in_window: 2")),
    ("seats:\n  x: 1", .line(2, found: "  x: 1")),
    ("grid_in_window: [2]", .line(1, found: "grid_in_window: [2]")),
    ("grid_in_window: &a 2", .line(1, found: "grid_in_window: &a 2")),
    ("grid_in_window: \"2", .line(1, found: "grid_in_window: \"2")),
    ("grid_in_window: 2\ngrid_in_window: 3", .twice("grid_in_window", line: 2)),
    ("fastv_k: 2", .unknownKey("fastv_k", line: 1)),
    (
      "grid_in_window: 0",
      .value(key: "grid_in_window", found: "0", expected: "an integer from 1 to 10000")
    ),
    (
      "encoder_ratio_scale: nan",
      .value(key: "encoder_ratio_scale", found: "nan", expected: "a number from 0 to 1,000")
    ),
    (
      "progressive_schedule: linear",
      .value(key: "progressive_schedule", found: "linear", expected: "exp, the only one supported")
    ),
    (
      "progressive_drop_layers: 16-x",
      .value(
        key: "progressive_drop_layers", found: "16-x",
        expected: "layers such as 16-18-20, or null")
    ),
  ])
  func `a file that is no config.yaml is refused`(
    _ yaml: String, _ fault: SeatsConfiguration.Fault
  ) {
    #expect(throws: fault) { try SeatsConfiguration(yaml: yaml) }
  }
}

/// What the Chrome trace-event format asks of a file, as far as it is used.
enum TraceEventSchema {
  struct File: Decodable {
    let traceEvents: [Event]
    let displayTimeUnit: String
  }

  struct Event: Decodable {
    enum Argument: Decodable, Equatable {
      case text(String)
      case number(Double)

      init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let number = try? value.decode(Double.self) {
          self = .number(number)
        } else {
          self = .text(try value.decode(String.self))
        }
      }
    }

    let name, ph: String
    let pid: Int
    let cat: String?
    let tid: Int?
    let ts, dur: Double?
    let args: [String: Argument]
  }

  static func check(_ data: Data) throws -> [Event] {
    let file = try JSONDecoder().decode(File.self, from: data)
    #expect(["ms", "ns"].contains(file.displayTimeUnit))
    for event in file.traceEvents {
      switch event.ph {
      case "M": #expect(["process_name", "thread_name"].contains(event.name))
      case "C":
        #expect((event.ts ?? -1) >= 0 && !event.args.isEmpty)
        #expect(event.args.values.allSatisfy { if case .number = $0 { true } else { false } })
      case "X":
        #expect((event.ts ?? -1) >= 0 && (event.dur ?? -1) >= 0 && event.tid != nil)
      default: Issue.record("\(event.ph) is no phase used here")
      }
    }
    for thread in Set(file.traceEvents.compactMap(\.tid)) {
      expectNesting(file.traceEvents.filter { $0.ph == "X" && $0.tid == thread })
    }
    return file.traceEvents
  }

  /// Slices of a thread lie apart or one inside the other.
  private static func expectNesting(_ slices: [Event]) {
    var open: [Double] = []
    for slice in slices.sorted(by: { ($0.ts ?? 0, -($0.dur ?? 0)) < ($1.ts ?? 0, -($1.dur ?? 0)) })
    {
      let (start, end) = (slice.ts ?? 0, (slice.ts ?? 0) + (slice.dur ?? 0))
      while let last = open.last, last <= start + 1e-6 { open.removeLast() }
      if let last = open.last { #expect(end <= last + 1e-6, "\(slice.name) overlaps") }
      open.append(end)
    }
  }
}
