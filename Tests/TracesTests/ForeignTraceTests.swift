import Foundation
import OmniModel
import Selection
import SessionSupport
import Testing

@testable import Reports
@testable import Runs
@testable import Traces

/// What a trace leaves out stays unknown, and what it says of images is kept.
@Suite struct `A trace of another engine` {
  private func traced(_ lines: [String]) throws -> TracedRun {
    try TracedRun(Data((lines.joined(separator: "\n") + "\n").utf8))
  }

  private static let header = #"{"schema":"seats-top/trace/1","writer":"elsewhere 3"}"#

  private static func run(
    _ modality: String = "TVVAAT", sizes: String = "", settings: String = ""
  ) -> String {
    #"{"event":"run","model":{"name":"m","layers":2\#(sizes)},"tokens":{"modality":"\#(modality)"}\#(settings)}"#
  }

  private static let sizes =
    #","hidden":4,"kv_width":2,"intermediate":8,"vocabulary":10"#

  // MARK: Names

  @Test func `a trace with an unknown model family keeps the family's name`() throws {
    func family(_ model: String) throws -> ModelFamily {
      let run = try traced([Self.header, Self.run(sizes: model)])
      return run.subject.model.family
    }
    let unknown = try traced([Self.header, Self.run(sizes: #","family":"Gemma-3n""#)])
    #expect(unknown.subject.model.family.rawValue == "Gemma-3n")
    #expect(TraceRun.Model(unknown.subject.model).family == "Gemma-3n")
    #expect(try family(#","family":"Qwen3-Omni""#) == .qwen3)
    #expect(try family(#","architecture":"Qwen3OmniMoeForConditionalGeneration""#) == .qwen3)
    #expect(try family("") == .qwen25 && family(#","family":"""#) == .qwen25)
  }

  // MARK: Numbers that are not known

  @Test func `FLOPs and bytes missing in a trace are unknown in every export`() throws {
    let run = try traced([Self.header, Self.run(), #"{"event":"step","layer":1,"ms":1}"#])
    let layer = try #require(run.records.last)
    #expect(layer.executedFlops == nil && layer.referenceFlops == nil)
    #expect(layer.keyValueBytes == nil)
    let csv = LedgerCSV(run.records).rendered.split(separator: "\n")
    #expect(csv.last?.hasSuffix(",,,") == true, "\(csv)")
    let perfetto = String(decoding: try PerfettoTrace(run).json(), as: UTF8.self)
    #expect(!perfetto.contains(#""executed FLOPs""#) && !perfetto.contains("keys and values"))
    #expect(MarkdownReport(run).rendered.contains("| layer 1 | 2 | 2 | 2 |  | 1.00 |  |  |"))
  }

  @Test func `model sizes in a trace give reference but not executed FLOPs`() throws {
    let run = try traced([
      Self.header, Self.run(sizes: Self.sizes), #"{"event":"step","layer":1,"ms":1}"#,
    ])
    let layer = try #require(run.records.last)
    #expect(layer.executedFlops == nil)
    #expect(layer.referenceFlops == ReferenceCost(run.subject.model.decoder).layer(tokens: 6))
    #expect(layer.keyValueBytes == 6 * 2 * 2 * 4)
  }

  @Test func `a FLOP count of 0 in a trace is not replaced`() throws {
    let step =
      #"{"event":"step","layer":1,"ms":1,"executed_flops":0,"kv_bytes":0,"reference_flops":0}"#
    let layer = try #require(try traced([Self.header, Self.run(), step]).records.last)
    #expect(layer.executedFlops == 0 && layer.keyValueBytes == 0 && layer.referenceFlops == 0)
  }

  // MARK: Methods

  @Test(arguments: ["seats", "fastv", "visionzip", "full", "mine"])
  func `a method name without ratios in a trace implies no ratios`(_ name: String) throws {
    let run = try traced([
      Self.header, Self.run(settings: #","settings":{"method":"\#(name)"}"#),
    ])
    #expect(run.subject.origin?.method == name && run.methodName == name)
    #expect(run.subject.origin?.statesPlan == false)
    #expect(run.missingSettings.contains("video_ratio"))
    #expect(run.missingSettings.contains("drop_layers"))
  }

  @Test func `a known method with its ratios in a trace is recognised`() throws {
    let stated =
      #","settings":{"method":"seats","video_ratio":0.3,"audio_ratio":0.65,"encoder_scale":1.4,"#
      + #""drop_layers":[1],"grids_per_window":2,"audio_window_seconds":2}"#
    let run = try traced([Self.header, Self.run(settings: stated)])
    #expect(run.subject.origin?.method == nil && run.missingSettings.isEmpty)
    #expect(run.settings.budget == RetentionBudget(video: 0.3, audio: 0.65))
  }

  @Test func `an unknown selection rule keeps its name and predicts from its ratios`()
    throws
  {
    let plan =
      #","settings":{"method":"mine","video_ratio":0.5,"audio_ratio":1},"plan":{"method":"mine","#
      + #""stage1":{"rule":"cluster","video":0.5,"depth":3},"#
      + #""boundaries":[{"after_layer":1,"rule":"vote","audio":0.5,"rounds":[1,2]}]}"#
    let run = try traced([Self.header, Self.run(settings: plan)])
    #expect(run.faults.isEmpty && run.methodName == "mine" && run.plan.method.rawValue == "mine")
    #expect(run.settings.method.rawValue == "mine" && run.settings.method.definition == nil)
    #expect(run.plan.encoderRule?.name == "cluster")
    #expect(run.plan.encoderRule?.summary.contains("cluster") == true)
    #expect(run.plan.boundaries.map(\.rule.name) == ["vote"])
    let forecast = PlanCostEstimate(
      run.plan, prompt: run.subject.promptShape, decoder: run.subject.model.decoder)
    #expect(forecast.entering == .init(text: 2, video: 1, audio: 2))
    #expect(forecast.afterLayer.first == .init(text: 2, video: 1, audio: 1))
    let written = try JSONEncoder().encode(TracePlan(run.plan))
    let object = try #require(try JSONSerialization.jsonObject(with: written) as? NSDictionary)
    let expected = try JSONSerialization.jsonObject(
      with: Data(
        #"{"method":"mine","notes":[],"stage1":{"rule":"cluster","video":0.5,"depth":3},"boundaries":[{"after_layer":1,"rule":"vote","audio":0.5,"rounds":[1,2]}]}"#
          .utf8))
    #expect(object == expected as? NSDictionary, "all that was stated is written again")
  }

  @Test(arguments: [
    (#""stage1":{"rule":"diversity","grids_per_window":0}"#, "plan.stage1.grids_per_window"),
    (
      #""boundaries":[{"after_layer":1,"rule":"windows","temperature":1e9}]"#,
      "plan.boundaries.temperature"
    ),
    (#""boundaries":[{"after_layer":1,"rule":"vote","video":1e9}]"#, "plan.boundaries.video"),
  ])
  func `a selection rule's value out of range is an error with its line`(
    _ rule: String, _ key: String
  ) throws {
    let fault = #expect(throws: TraceFault.self) {
      try self.traced([Self.header, Self.run(settings: #","plan":{"method":"m",\#(rule)}"#)])
    }
    guard case .badValue(let found, _, _)? = fault?.problem else {
      Issue.record("\(String(describing: fault))")
      return
    }
    #expect(found == key)
  }

  @Test func `merged tokens survive reading and writing`() throws {
    let step =
      #"{"event":"step","step":"stage1","drop":{"kind":"stage1","kept":[0,1,3,5],"merged":[2,4],"merged_into":[1,3],"merge_weights":[0.5,0.25],"notes":["as close as it gets"]}}"#
    let drop = try #require(try traced([Self.header, Self.run(), step]).records.last?.drop)
    #expect(
      drop.merges == [
        TokenMerge(token: 2, survivor: 1, weight: 0.5),
        TokenMerge(token: 4, survivor: 3, weight: 0.25),
      ])
    let again = TraceStep.Drop(drop)
    #expect(again.merged == [2, 4] && again.merged_into == [1, 3])
    #expect(again.merge_weights == [0.5, 0.25] && again.notes == drop.notes)
  }

  @Test(arguments: [
    (#""merged":[1],"merged_into":[3]"#, "drop.merged"),
    (#""merged":[2],"merged_into":[4]"#, "drop.merged_into"),
    (#""merged":[2],"merged_into":[]"#, "drop.merged_into"),
    (#""merged":[2],"merged_into":[1],"merge_weights":[]"#, "drop.merge_weights"),
  ])
  func `recorded merges lead from dropped tokens to survivors`(_ merge: String, _ key: String)
    throws
  {
    let run = try traced([
      Self.header, Self.run(),
      #"{"event":"step","step":"stage1","drop":{"kind":"stage1","kept":[0,1,3,5],\#(merge)}}"#,
    ])
    guard case .badValue(let found, _, _)? = run.faults.first?.problem else {
      Issue.record("\(run.faults)")
      return
    }
    #expect(found == key)
  }

  // MARK: Images

  @Test func `image tokens are a separate modality in counts and drops`() throws {
    let run = try traced([
      Self.header, Self.run("TIIIIT"),
      #"{"event":"step","layer":1,"ms":1,"drop":{"kind":"prune","kept":[0,1,5]}}"#,
      #"{"event":"step","layer":2,"ms":1,"leaving":{"image":0}}"#,
    ])
    #expect(run.subject.prompt.counts == ModalityCounts(text: 2, image: 4))
    #expect(run.records[2].leaving == ModalityCounts(text: 2, image: 1))
    #expect(run.records[2].drop?.path == nil)
    #expect(run.records[3].leaving == ModalityCounts(text: 2))
    #expect(run.records[3].dropsUnknownTokens && !run.records[2].dropsUnknownTokens)
    #expect(run.records.faults(of: run.subject) == [])
  }

  @Test func `token counts in files include images in text and state their number`() throws {
    let counts = ModalityCounts(text: 2, image: 3, video: 4, audio: 5)
    let json = try JSONEncoder().encode(counts)
    let object = try JSONSerialization.jsonObject(with: json) as? [String: Int]
    #expect(object == ["text": 5, "image": 3, "video": 4, "audio": 5])
    #expect(try JSONDecoder().decode(ModalityCounts.self, from: json) == counts)
    let old = Data(#"{"text":5,"video":4,"audio":5}"#.utf8)
    #expect(
      try JSONDecoder().decode(ModalityCounts.self, from: old)
        == ModalityCounts(text: 5, video: 4, audio: 5))
  }

  @Test func `a drop without positions may be followed by one with positions`() throws {
    let run = try traced([
      Self.header, Self.run(), #"{"event":"step","layer":1,"ms":1,"leaving":{"video":1}}"#,
      #"{"event":"step","layer":2,"ms":1,"drop":{"kind":"prune","kept":[0,2,5]}}"#,
    ])
    #expect(run.faults.isEmpty && run.records.faults(of: run.subject) == [])
    #expect(run.records[3].leaving == ModalityCounts(text: 2, video: 1))
  }
}

/// Which trace it is that is followed.
@Suite struct `A restarted trace` {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "trace-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private static func lines(_ id: String, steps: Int) -> String {
    let steps = (1...max(1, steps)).prefix(steps).map {
      #"{"event":"step","layer":\#($0),"ms":\#($0)}"#
    }
    let head = [
      #"{"run_id":"\#(id)","schema":"seats-top/trace/1"}"#,
      #"{"event":"run","model":{"name":"\#(id)","layers":8},"tokens":{"modality":"TVAT"}}"#,
    ]
    return (head + steps).joined(separator: "\n") + "\n"
  }

  private func drain(_ source: inout TraceSource) -> (bytes: String, restarts: Int) {
    var (bytes, restarts) = (Data(), 0)
    while true {
      switch source.next() {
      case .bytes(let more): bytes += more
      case .restarted: (bytes, restarts) = (Data(), restarts + 1)
      case .nothing, .ended: return (String(decoding: bytes, as: UTF8.self), restarts)
      }
    }
  }

  @Test(arguments: [1, 2, 3, 8])
  func `a trace overwritten in place is read from its start`(_ steps: Int) throws {
    let path = folder.appending(path: "t.jsonl").path
    defer { try? FileManager.default.removeItem(at: folder) }
    let first = Self.lines("one", steps: 2)
    try Data(first.utf8).write(to: URL(filePath: path))
    var source = try TraceSource(path)
    defer { source.close() }
    #expect(drain(&source) == (first, 0))
    let second = Self.lines("two", steps: steps)
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: Data(second.utf8))
    #expect(drain(&source) == (second, 1))
    try handle.write(contentsOf: Data("more\n".utf8))
    #expect(drain(&source) == ("more\n", 0))
  }

  @Test func `a second run in a trace stream replaces the first`() throws {
    let text = Self.lines("one", steps: 3) + Self.lines("two", steps: 1)
    let run = try TracedRun(Data(text.utf8))
    #expect(run.subject.model.name == "two" && run.subject.origin?.runID == "two")
    #expect(run.records.count == 3 && run.faults.isEmpty)
  }

  @Test func `every recording has a new run id`() throws {
    let path = folder.appending(path: "r.jsonl").path
    defer { try? FileManager.default.removeItem(at: folder) }
    let ids = try (0..<2).map { _ in
      let recorder = try TraceRecorder(path, writer: "tests")
      try recorder.record(.minimalRun)
      try recorder.finish()
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let header = try JSONDecoder().decode(
        TraceHeader.self, from: Data(text.prefix { $0 != "\n" }.utf8))
      return try #require(header.run_id)
    }
    #expect(ids[0] != ids[1])
  }
}
