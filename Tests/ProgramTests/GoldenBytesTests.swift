import Foundation
import Selection
import TestSupport
import Testing

/// What every method makes of the shipped samples: report, trace, ledger, screens and sweep lines, as
/// they were recorded. `make record-bytes` records them again; read the diff before committing it.
///
/// Unlike golden numbers these come from the program: they hold what must not change unnoticed.
@Suite struct `Golden bytes` {
  private static let root = Fixtures.golden.deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let folder = root.appending(path: "Tests/ProgramTests/GoldenBytes")
  private static let isRecording = ProcessInfo.processInfo.environment["SEATS_TOP_RECORD"] != nil

  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private static func clip(_ name: String) -> String {
    root.appending(path: "samples/clips/\(name)").path
  }

  /// Standard output of a command that succeeds.
  private func output(_ arguments: [String]) async throws -> String {
    let outcome = try await Program.run(arguments, environment: ["NO_COLOR": "1"])
    try #require(outcome.code == 0, "\(arguments): \(outcome.errorOutput)")
    return outcome.output
  }

  private func report(
    _ method: String, _ clip: String, _ retention: String, _ options: String...
  ) async throws -> String {
    try await output(
      [
        "report", Self.clip(clip), "--method", method, "--retention", retention, "--compute", "f32",
        "--no-cache", "--lens", "off",
      ] + options)
  }

  private func compare(_ found: [(title: String, text: String)], _ name: String) throws {
    let text = found.map { "═══ \($0.title)\n\($0.text)" }.joined(separator: "\n")
    let file = Self.folder.appending(path: "\(name).txt")
    if Self.isRecording {
      try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
      return try Data(text.utf8).write(to: file)
    }
    let expected = try #require(
      try? String(contentsOf: file, encoding: .utf8), "\(name) is not recorded: make record-bytes")
    let difference = GoldenBytes.firstDifference(text, expected)
    #expect(difference == nil, "\(name): \(difference ?? "")")
  }

  @Test(arguments: SelectionMethod.allCases)
  func `reports, traces and screens of a method equal the recorded bytes`(
    _ method: SelectionMethod
  ) async throws {
    let (name, trace) = (method.rawValue, scratch.path("trace.jsonl"))
    let both = try await report(
      name, "4-two-at-once", "15", "--format", "json", "--seed", "3", "--record", trace)
    let lines = try String(contentsOfFile: trace, encoding: .utf8)
    var found = [
      ("report of 4-two-at-once at R 15", GoldenBytes(report: both).text),
      (
        "report of 4-two-at-once at R 35 as text",
        GoldenBytes(textReport: try await report(name, "4-two-at-once", "35")).text
      ),
      ("trace of the first", GoldenBytes(trace: lines).text),
    ]
    for (clip, retention) in [("6-video-only", "10"), ("7-audio-only", "25")] {
      let text = try await report(name, clip, retention, "--format", "json")
      found.append(("report of \(clip) at R \(retention)", GoldenBytes(report: text).text))
    }
    try scratch.write("still.jsonl", Data(GoldenBytes.withoutMeasurements(lines).utf8))
    found += try await readings(of: scratch.path("still.jsonl"))
    try compare(found, name)
  }

  @Test func `the lens of a sample equals the recorded bytes`() async throws {
    let trace = scratch.path("trace.jsonl")
    let json = try await report(
      "seats", "1-two-parts", "15", "--format", "json", "--lens", "summary", "--record", trace)
    let text = try await report("seats", "1-two-parts", "15", "--lens", "full")
    let lines = try String(contentsOfFile: trace, encoding: .utf8)
    try scratch.write("still.jsonl", Data(GoldenBytes.withoutMeasurements(lines).utf8))
    try await compare(
      [
        ("report", GoldenBytes(report: json).text), ("text", GoldenBytes(textReport: text).text),
      ] + readings(of: scratch.path("still.jsonl")), "lens")
  }

  /// What is shown and exported of a trace whose times are all the same.
  private func readings(of trace: String) async throws -> [(String, String)] {
    var found: [(String, String)] = []
    for keys in ["space", "space d 2", "space 3"] {
      let screen = try await output([
        "capture", "--config", "/dev/null", "--trace", trace, "--keys", keys, "--format", "text",
      ])
      found.append(("screen of the trace after \(keys)", screen))
    }
    found.append(("ledger", try await output(["export", trace, "--to", "csv"])))
    return found
  }

  @Test func `sweep results of every method equal the recorded bytes`() async throws {
    let results = scratch.path("results.jsonl")
    let methods = SelectionMethod.allCases.map(\.rawValue)
    let table = try await output([
      "sweep", Self.clip("2-sound-decides"), Self.clip("8-single"), "--methods",
      methods.joined(separator: ","), "--retentions", "35,10", "--compute", "f32", "--no-cache",
      "--results", results, "--format", "csv",
    ])
    let lines = GoldenBytes(results: try String(contentsOfFile: results, encoding: .utf8)).text
      .replacing(Self.root.path + "/", with: "").split(separator: "\n")
      .sorted { Self.point($0) < Self.point($1) }.joined(separator: "\n")
    let columns = table.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).dropLast(2).joined(separator: ",")
    }
    try compare(
      [("results", lines), ("table", columns.joined(separator: "\n"))],
      "sweep")
  }

  /// What tells one result from the others.
  private static func point(_ line: Substring) -> Substring {
    line.firstRange(of: "\"point\":").map { line[$0.lowerBound...] } ?? line
  }
}
