import Foundation
import Subprocess
import TestSupport
import Testing

/// What a shared file tells of the machine it was made on.
@Suite struct `File paths in traces` {
  private let model = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path

  private func record(_ options: [String], in scratch: Scratch) async throws -> String {
    try FileManager.default.createDirectory(
      at: scratch.url.appending(path: "secret folder"), withIntermediateDirectories: false)
    try scratch.copy("qwen2_5_av/clip", as: "secret folder/clip")
    let outcome = try await Program.run(
      [
        "report", scratch.path("secret folder/clip"), "--model", model, "--max-new-tokens", "2",
        "--compute", "bf16", "--record", scratch.path("trace"),
      ] + options,
      environment: ["HOME": scratch.path("secret folder"), "XDG_CACHE_HOME": scratch.path("cache")])
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    return try String(contentsOfFile: scratch.path("trace"), encoding: .utf8)
  }

  @Test func `a trace has file names without folders`() async throws {
    let scratch = try Scratch()
    let trace = try await record([], in: scratch)
    #expect(trace.contains("\"source\":\"clip\""))
    for place in ["secret", scratch.url.path, model, Fixtures.golden.path] {
      #expect(!trace.contains(place), "\(place)")
    }
  }

  @Test func `a trace has full paths with --record-paths`() async throws {
    let scratch = try Scratch()
    let trace = try await record(["--record-paths"], in: scratch)
    #expect(trace.contains("\"source\":\"\(scratch.path("secret folder/clip"))\""))
  }

  @Test func `--record-paths without --record exits with 2`() async throws {
    let outcome = try await Program.run(["report", "--record-paths"])
    #expect(outcome.code == 2)
  }
}

/// Names of files as they come: bytes that are no UTF-8, and `-`.
@Suite struct `File names in arguments` {
  private let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path
  private let model = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path
  private static let trace = Fixtures.directory.deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "samples/sample.trace.jsonl").path

  /// Runs a script in a folder of its own, where `$b` is a byte that no UTF-8 has.
  private func run(_ script: String) async throws -> Program.Outcome {
    let scratch = try Scratch()
    let whole = """
      cd '\(scratch.url.path)'; mkdir tmp; export TMPDIR="$PWD/tmp"; unset XDG_RUNTIME_DIR; export TERM=xterm
      b=$(printf '\\377'); clip='\(clip)'; model='\(model)'; trace='\(Self.trace)'
      program='\(Program.path)'
      \(script)
      code=$?; ls -A tmp; exit $code
      """
    let result = try await Subprocess.run(
      .name("sh"), arguments: ["-c", whole], output: .string(limit: 1 << 20),
      error: .string(limit: 1 << 16))
    var code: Int32 = -1
    if case .exited(let status) = result.terminationStatus { code = Int32(status) }
    return .init(code: code, output: result.standardOutput, errorOutput: result.standardError)
  }

  /// The screen that says what was read.
  private static let input = "--config /dev/null --keys 8 --size 200x40 --format text"

  @Test(arguments: [
    ("cp -r $clip cl${b}p; $program capture cl${b}p --model $model \(input)", "cl\u{fffd}p"),
    (
      "cp -r $clip cl${b}p; $program capture \"$PWD/cl${b}p/\" --model $model \(input)",
      "cl\u{fffd}p"
    ),
    (
      "mkdir d$b; cp -r $clip d$b/clip; $program capture d$b/clip --model $model \(input)",
      "d\u{fffd}/clip"
    ),
    ("cp -r $model m$b; $program report $clip --model m$b --max-new-tokens 2", "m\u{fffd}"),
    ("cp -r $model m$b; $program report $clip --model=m$b --max-new-tokens 2", "m\u{fffd}"),
    ("cp $trace t$b; $program export t$b --to csv", "step"),
    ("cp $trace t$b; $program capture --trace t$b --format text", "layer"),
    ("echo 'theme = \"nord\"' > c$b; $program doctor --config c$b", "c\u{fffd}"),
  ])
  func `file names that are not UTF-8 open and are shown escaped`(
    _ script: String, _ expected: String
  ) async throws {
    let outcome = try await run(script)
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    #expect(outcome.output.contains(expected), "\(outcome.output)")
    // No link is left, and none was shown.
    #expect(!outcome.output.contains("seats-top-names"), "\(outcome.output)")
    #expect(!outcome.errorOutput.contains("seats-top-names"), "\(outcome.errorOutput)")
  }

  @Test(arguments: [
    "report no${b}where", "export no${b}where --to csv", "report --config-yaml no$b",
  ])
  func `a missing file whose name is not UTF-8 is named in the error`(
    _ command: String
  ) async throws {
    let outcome = try await run("$program \(command)")
    #expect(outcome.code == 1)
    #expect(outcome.errorOutput.contains("no\u{fffd}"), "\(outcome.errorOutput)")
    #expect(outcome.errorOutput.split(separator: "\n").count == 1, "\(outcome.errorOutput)")
    #expect(outcome.output.isEmpty, "\(outcome.output)")
  }

  /// Another name would be written.
  @Test(arguments: [
    "export $trace --to csv --output o$b",
    "report $clip --model $model --max-new-tokens 2 --record o$b",
  ])
  func `output file names that are not UTF-8 are refused`(_ command: String) async throws {
    let outcome = try await run("$program \(command) && exit 9; ls o* 2> /dev/null; false")
    #expect(outcome.code == 1)
    #expect(
      outcome.errorOutput.contains("o\u{fffd} could not be written"), "\(outcome.errorOutput)")
    #expect(outcome.output.isEmpty, "\(outcome.output)")
  }

  @Test(arguments: [
    ["report", "-"], ["sweep", "-"], ["report", "--model", "-"], ["report", "--config-yaml", "-"],
    ["sweep", "--tasks", "-"], ["sweep", "--benchmark", "-"], ["sweep", "--merge", "-"],
    ["doctor", "--config", "-"], ["keys", "--config", "-"], ["capture", "--config", "-"],
    ["render", "-", "x"], ["render", "x", "-"], ["sweep", "--model=-"],
  ])
  func `a hyphen is refused where an input file is needed`(_ command: [String]) async throws {
    let outcome = try await Program.run(command)
    #expect(outcome.code == 2)
    #expect(outcome.errorOutput.contains("not a standard stream"), "\(outcome.errorOutput)")
  }
}
