import Foundation
import TestSupport
import Testing

/// `--keep` and `--drop`, and `worth`.
@Suite struct `Tokens chosen by hand, and worth` {
  private static let run = [
    Fixtures.golden.appending(path: "qwen2_5_av/clip").path, "--model",
    Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path, "--max-new-tokens", "2",
  ]

  private func json(_ arguments: [String]) async throws -> [String: Any] {
    let outcome = try await Program.run(arguments + ["--format", "json"])
    try #require(outcome.code == 0, "\(outcome.errorOutput)")
    return try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }

  @Test func `tokens kept and dropped by hand reach report and trace`() async throws {
    let scratch = try Scratch()
    let trace = scratch.path("t.jsonl")
    let report = try await json(
      ["report"] + Self.run
        + ["--keep", "video:1-3,audio:2", "--drop", "audio:5-9", "--record", trace])
    let settings = try #require(report["settings"] as? [String: Any])
    #expect(settings["keep"] as? [String] == ["video:1-3", "audio:2"])
    #expect(settings["drop"] as? [String] == ["audio:5-9"])
    let lines = try String(contentsOfFile: trace, encoding: .utf8)
    #expect(lines.contains(#""rule":"by-hand""#) && lines.contains(#""drop":["audio:5-9"]"#))
    let replay = try await Program.run([
      "capture", "--trace", trace, "--keys", "space", "--config", "/dev/null", "--format", "text",
      "--size", "130x40",
    ])
    #expect(replay.output.contains("4 kept and 5 dropped by hand"), "\(replay.output)")
    let text = try await Program.run(["report"] + Self.run + ["--drop", "audio:5-9"])
    #expect(
      text.output.contains("5 dropped by hand") && text.output.contains("drop      audio:5-9"))
    let plain = try await json(["report"] + Self.run)
    #expect((plain["settings"] as? [String: Any])?["keep"] == nil)
  }

  @Test func `keys K and X give the numbers of a new run with --keep and --drop`() async throws {
    let screen = ["--config", "/dev/null", "--format", "text", "--size", "130x80"]
    let byKeys = try await Program.run(
      ["capture"] + Self.run + screen + ["--keys", "3 X right K G u left left X 1 space"])
    let byOptions = try await Program.run(
      ["capture"] + Self.run + screen
        + ["--keep", "video:2", "--drop", "video:1,video:58-60", "--keys", "space"])
    #expect(
      byKeys.code == 0 && byOptions.code == 0, "\(byKeys.errorOutput)\(byOptions.errorOutput)")
    #expect(byKeys.output.contains("1 kept and 4 dropped by hand"), "\(byKeys.output)")
    #expect(LedgerReading(byKeys.output) == LedgerReading(byOptions.output))
  }

  @Test(arguments: [
    (["--keep", "video"], "names no tokens"), (["--drop", "video:1,,audio:2"], "entry 2 is empty"),
    (["--keep", "text:1"], "text:1"),
    (["--keep", "video:1-4", "--drop", "video:4"], "both name video:4"),
  ])
  func `bad lists of tokens exit with 2 and one sentence`(
    _ options: [String], _ words: String
  ) async throws {
    let outcome = try await Program.run(["report"] + Self.run + options)
    #expect(outcome.code == 2)
    #expect(outcome.errorOutput.contains(words), "\(outcome.errorOutput)")
  }

  @Test func `worth lists every window with its effect, and states its cost first`() async throws {
    let outcome = try await Program.run(
      ["worth"] + Self.run + ["--from-layer", "5", "--relevance-layers", "4"])
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    #expect(
      outcome.errorOutput.contains("cost:") && outcome.errorOutput.contains("partial prefill"))
    #expect(outcome.output.contains("video 1") && outcome.output.contains("audio 1"))
    #expect(outcome.output.contains("unmodified  full tokens"))
    #expect(outcome.output.contains("Spearman"))
    let study = try await json(["worth"] + Self.run + ["--from-layer", "5"])
    let row = try #require((study["rows"] as? [[String: Any]])?.first)
    let result = try #require(row["result"] as? [String: Any])
    let windows = try #require(result["windows"] as? [[String: Any]])
    let cost = try #require(result["cost"] as? [String: Any])
    #expect(cost["partial_prefills"] as? Int == windows.count)
    #expect(windows.allSatisfy { ($0["effect"] as? [String: Any])?["divergence"] is Double })
    let csv = try await Program.run(["worth"] + Self.run + ["--format", "csv"])
    #expect(csv.output.split(separator: "\n").count == windows.count + 1)
  }

  @Test func `worth on a plan names the method as its base`() async throws {
    let study = try await json(
      ["worth"] + Self.run + ["--method", "seats", "--retention", "25", "--from-layer", "3"])
    #expect(study["base"] as? String == "seats")
  }

  @Test(arguments: [
    (["--from-layer", "99"], "--from-layer takes layers from 1 to"),
    (["--from-layer", "0"], "--from-layer takes a layer from 1"),
    (["--relevance-layers", "3,99"], "--relevance-layers takes layers from 1 to"),
    (["--retention", "25"], "--retention needs --method"),
    (["--keep", "video:1"], "--keep needs --method"), (["--span", "vido:1"], "vido:1"),
    (["--method", "guess"], "guess"),
  ])
  func `wrong use of worth exits with 2 and one sentence`(
    _ options: [String], _ words: String
  ) async throws {
    let outcome = try await Program.run(["worth"] + Self.run + options)
    #expect(outcome.code == 2)
    #expect(outcome.errorOutput.contains(words), "\(outcome.errorOutput)")
  }
}
