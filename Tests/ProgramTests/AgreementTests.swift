// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The report keeps the spelling of its keys.

import Foundation
import TestSupport
import Testing

/// Ledger, report and trace of a run say the same, as do a live screen and a replayed one.
@Suite struct `Equal numbers in all outputs` {
  private struct Report: Decodable {
    struct Layer: Decodable {
      let text, video, audio, kv_bytes: Int
      let reference_flops, ms: Double

      var entering: Survivors { Survivors(text: text, video: video, audio: audio) }
    }

    let layers: [Layer]
  }

  /// A line of the ledger in a trace: what enters a step, what leaves it, and what it cost.
  private struct Line {
    let step: String
    let entering, leaving: Survivors
    let milliseconds, referenceFlops: Double
    let keyValueBytes: Int

    init(_ line: Substring, _ titles: [Substring]) throws {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      try #require(cells.count == titles.count)
      func cell(_ title: String) throws -> String {
        String(cells[try #require(titles.firstIndex { $0 == title })])
      }
      func count(_ title: String) throws -> Int { try #require(Int(try cell(title))) }
      func survivors(_ prefix: String) throws -> Survivors {
        Survivors(
          text: try count(prefix + "text"), video: try count(prefix + "video"),
          audio: try count(prefix + "audio"))
      }
      step = try cell("step")
      entering = try survivors("")
      leaving = try survivors("left_")
      milliseconds = try #require(Double(try cell("ms")))
      keyValueBytes = try count("kv_bytes")
      referenceFlops = try #require(Double(try cell("reference_flops")))
    }
  }

  private func output(_ arguments: [String]) async throws -> String {
    let outcome = try await Program.run(arguments)
    try #require(outcome.code == 0 && outcome.errorOutput.isEmpty, "\(outcome.errorOutput)")
    return outcome.output
  }

  @Test(arguments: [
    ("qwen2_5_av", ["--method", "full"]), ("qwen2_5_av", ["--retention", "15"]),
    ("qwen2_5_av", ["--method", "fastv-om", "--retention", "25"]),
    ("qwen2_5_av", ["--method", "random", "--retention", "10", "--compute", "bf16"]),
    ("qwen2_5_video_only", ["--retention", "35"]), ("qwen2_5_audio_only", ["--retention", "5"]),
    ("qwen3_av", ["--retention", "15"]),
  ])
  func `numbers of a run are equal in report, trace, screen and replay`(
    _ fixture: String, _ options: [String]
  )
    async throws
  {
    let scratch = try Scratch()
    let clip = [
      Fixtures.golden.appending(path: "\(fixture)/clip").path, "--model",
      Fixtures.golden.appending(path: "\(fixture)/checkpoint").path, "--max-new-tokens", "2",
      "--no-cache",
    ]
    let trace = scratch.path("run.jsonl")
    let run = clip + options
    let json = try await output(["report", "--format", "json", "--record", trace] + run)
    let report = try JSONDecoder().decode(Report.self, from: Data(json.utf8))
    let csv = try await output(["export", trace, "--to", "csv"])
    let rows = csv.split(separator: "\n")
    let titles = try #require(rows.first).split(separator: ",")
    let lines = try rows.dropFirst().map { try Line($0, titles) }
    let layers = lines.filter { $0.step.hasPrefix("layer ") }

    #expect(layers.map(\.entering) == report.layers.map(\.entering))
    #expect(layers.map(\.referenceFlops) == report.layers.map(\.reference_flops))
    #expect(lines.last?.keyValueBytes == report.layers.reduce(0) { $0 + $1.kv_bytes })
    for (line, layer) in zip(layers, report.layers) {
      #expect(abs(line.milliseconds - layer.ms) < 1e-5, "\(line.step)")
    }

    let screen = ["--config", "/dev/null", "--format", "text", "--size", "130x80"]
    let replayed = LedgerReading(
      try await output(["capture", "--trace", trace, "--keys", "space"] + screen))
    let live = LedgerReading(try await output(["capture", "--keys", "space"] + screen + run))
    #expect(replayed == live && replayed.planned.isEmpty)
    let told = lines.map { ($0.step, $0.leaving) }
    #expect(replayed.done == Dictionary(told, uniquingKeysWith: { first, _ in first }))
  }
}
