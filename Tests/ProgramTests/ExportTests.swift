import Foundation
import TestSupport
import Testing

/// `export` and `--config-yaml`, from outside.
@Suite struct `Export` {
  private static let trace = """
    {"schema":"seats-top/trace/1","writer":"another engine"}
    {"event":"run","model":{"name":"m","layers":2},"tokens":{"modality":"TVVAT"},\
    "settings":{"method":"seats","video_ratio":0.2,"audio_ratio":0.5,"encoder_scale":1.5,\
    "drop_layers":[1],"late_layer":2,"grids_per_window":2,"audio_window_seconds":2,\
    "window_temperature":0.1}}
    {"event":"step","layer":1,"ms":1.5,"drop":{"kind":"prune","kept":[0,2,4]}}
    {"event":"step","step":"head","ms":0.5}
    {"event":"end"}

    """

  private func file(_ text: String, in scratch: Scratch, _ name: String = "t.jsonl") throws
    -> String
  {
    let url = scratch.url.appending(path: name)
    try text.write(to: url, atomically: true, encoding: .utf8)
    return url.path
  }

  @Test func `export writes every format to standard output`() async throws {
    let scratch = try Scratch()
    let path = try file(Self.trace, in: scratch)
    for (format, start) in [
      ("csv", "step,text,video,audio,"), ("markdown", "## m on "), ("config.yaml", "# SEATS"),
      ("perfetto", #"{"displayTimeUnit":"ms","traceEvents":["#),
    ] {
      let outcome = try await Program.run(["export", path, "--to", format])
      #expect(outcome.code == 0 && outcome.errorOutput.isEmpty, "\(format): \(outcome.errorOutput)")
      #expect(outcome.output.hasPrefix(start), "\(outcome.output.prefix(80))")
    }
  }

  @Test(arguments: [
    "\"video_ratio\":0.2,", "\"audio_ratio\":0.5,", "\"encoder_scale\":1.5,",
    "\"drop_layers\":[1],",
    "\"grids_per_window\":2,",
  ])
  func `an exported config.yaml omits settings missing in the trace`(_ key: String)
    async throws
  {
    let scratch = try Scratch()
    let path = try file(Self.trace.replacingOccurrences(of: key, with: ""), in: scratch)
    let refused = try await Program.run(["export", path, "--to", "config.yaml"])
    #expect(refused.code == 1 && refused.output.isEmpty)
    let name = try #require(key.split(separator: "\"").first)
    #expect(refused.errorOutput.contains("does not state \(name)"), "\(refused.errorOutput)")
  }

  @Test func `export writes a complete file or none`() async throws {
    let scratch = try Scratch()
    let path = try file(Self.trace, in: scratch)
    let target = scratch.url.appending(path: "out.json").path
    let written = try await Program.run(["export", path, "--to", "perfetto", "--output", target])
    #expect(written.code == 0 && written.output.isEmpty)
    #expect(try Data(contentsOf: URL(filePath: target)).count > 500)
    let refused = try await Program.run(
      ["export", path, "--to", "csv", "--output", "/nowhere/at/all.csv"])
    #expect(refused.code == 1 && refused.errorOutput.contains("/nowhere/at/all.csv"))
  }

  @Test func `export of a broken trace names the line and the fault`() async throws {
    let scratch = try Scratch()
    let bad = try file("{}\n", in: scratch)
    let refused = try await Program.run(["export", bad, "--to", "csv"])
    #expect(refused.code == 1 && refused.errorOutput.contains("Not a seats-top trace"))
    let torn = try file(Self.trace + "{\"event\":\n", in: scratch, "torn.jsonl")
    let passed = try await Program.run(["export", torn, "--to", "csv"])
    #expect(passed.code == 0 && passed.errorOutput.contains("torn.jsonl:6"))
    let missing = try await Program.run(["export", "/nowhere.jsonl", "--to", "csv"])
    #expect(missing.code == 1 && missing.errorOutput.contains("/nowhere.jsonl cannot be read"))
    let other = try await Program.run(["export", bad, "--to", "pdf"])
    #expect(other.code == 2)
  }

  private struct Report: Decodable, Equatable {
    struct Plan: Decodable, Equatable {
      let videoKeepRatios, audioKeepRatios: [Double]
      let dropLayers: [Int]
      let lateLayer: Int?
      let encoderVideoRatio: Double
    }
    struct Stage: Decodable, Equatable { let kept: [Int] }

    let plan: Plan
    let stage1: Stage
  }

  private func report(_ arguments: [String]) async throws -> Report {
    let golden = Fixtures.golden.appending(path: "qwen2_5_av")
    let outcome = try await Program.run(
      [
        "report", golden.appending(path: "clip").path, "--model",
        golden.appending(path: "checkpoint").path, "--video-ratio", "0.2", "--audio-ratio", "0.5",
        "--max-new-tokens", "1", "--format", "json",
      ] + arguments)
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Report.self, from: Data(outcome.output.utf8))
  }

  @Test func `--config-yaml equals the original options, and options override it`()
    async throws
  {
    let scratch = try Scratch()
    let yaml = """
      encoder_ratio_scale: 1.5
      progressive_drop_layers: "3-5"
      late_block_layer: 8
      grid_in_window: 1
      """
    let path = try file(yaml, in: scratch, "config.yaml")
    let options = ["--encoder-scale", "1.5", "--drop-layers", "3-5", "--grids-per-window", "1"]
    let fromFile = try await report(["--config-yaml", path])
    #expect(fromFile.plan.dropLayers == [3, 5] && fromFile.plan.lateLayer == 8)
    #expect(fromFile == (try await report(options + ["--late-layer", "8"])))
    let over = try await report(["--config-yaml", path, "--late-layer", "9"])
    #expect(over == (try await report(options + ["--late-layer", "9"])))
    let broken = try file("late_block_layer: many", in: scratch, "broken.yaml")
    let refused = try await Program.run(["report", "--config-yaml", broken])
    #expect(refused.code == 1 && refused.errorOutput.contains("late_block_layer is many"))
  }

  // MARK: Of a run that the program recorded itself

  /// Records a run of the golden clip with these options, and gives the trace's path.
  private func record(
    _ options: [String], in scratch: Scratch, _ name: String
  ) async throws -> String {
    let golden = Fixtures.golden.appending(path: "qwen2_5_av")
    let path = scratch.path(name)
    let outcome = try await Program.run(
      [
        "report", golden.appending(path: "clip").path, "--model",
        golden.appending(path: "checkpoint").path, "--max-new-tokens", "1", "--record", path,
      ] + options)
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    return path
  }

  @Test func `the Perfetto export has every required key of its format`() async throws {
    let scratch = try Scratch()
    let trace = try await record([], in: scratch, "run.jsonl")
    let outcome = try await Program.run(["export", trace, "--to", "perfetto"])
    let file = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    let events = try #require(file?["traceEvents"] as? [[String: Any]])
    for event in events {
      #expect(event["name"] is String && event["pid"] is Int, "\(event)")
      let arguments = event["args"] as? [String: Any] ?? [:]
      switch event["ph"] as? String {
      case "X":
        let times = ["ts", "dur"].compactMap { event[$0] as? Double }
        #expect(times.count == 2 && times.allSatisfy { $0 >= 0 } && event["tid"] is Int, "\(event)")
      case "C":
        #expect(event["ts"] is Double && !arguments.isEmpty, "\(event)")
        #expect(arguments.values.allSatisfy { $0 is Double }, "\(event)")
      case "M": #expect(arguments["name"] is String, "\(event)")
      default: Issue.record("\(event) is of no phase used here")
      }
    }
    let slices = Set(
      events.filter { $0["ph"] as? String == "X" }.compactMap { $0["name"] as? String })
    #expect(slices.isSuperset(of: (1...10).map { "layer \($0)" }))
  }

  @Test func `export of a run with --config-yaml gives the same config.yaml`() async throws {
    let scratch = try Scratch()
    let odd = ["--encoder-scale", "1.3", "--drop-layers", "3-5", "--late-layer", "8"]
    let first = try await record(odd, in: scratch, "first.jsonl")
    let yaml = try await Program.run(["export", first, "--to", "config.yaml"]).output
    #expect(yaml.contains("progressive_drop_layers: \"3-5\"\nlate_block_layer: 8\n"), "\(yaml)")
    let path = try file(yaml, in: scratch, "config.yaml")
    let second = try await record(["--config-yaml", path], in: scratch, "second.jsonl")
    #expect(try await Program.run(["export", second, "--to", "config.yaml"]).output == yaml)
  }
}
