import Foundation
import Subprocess
import TestSupport
import Testing

/// A disk that is full, read-only or closed to the user: what stood there survives, and a sentence
/// says why.
@Suite(.serialized, .enabled(if: SmallDisk.isPossible)) struct `Full and read-only disks` {
  private let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path
  private let model = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path
  private var run: String { "'\(clip)' --model '\(model)' --max-new-tokens 2" }

  /// Runs a command that is to write `disk/NAME`, where `old` stands and nothing more has room.
  private func expectRefusal(
    _ command: String, writing name: String, old: String = "old",
    prepare: String = "head -c 99999 /dev/zero > disk/filler 2>/dev/null",
    because reason: String = "no space left"
  ) async throws {
    let outcome = try await SmallDisk.run(
      """
      mkdir -p "$(dirname disk/\(name))" && printf '%s' '\(old)' > disk/\(name)
      \(prepare)
      \(command)
      code=$?
      printf '[%s]' "$(cat disk/\(name))"
      find disk -type f ! -name filler | sort
      exit $code
      """)
    #expect(outcome.code == 1, "\(outcome.code) \(outcome.errorOutput)")
    #expect(outcome.errorOutput.contains(reason), "\(outcome.errorOutput)")
    #expect(outcome.errorOutput.split(separator: "\n").count == 1, "\(outcome.errorOutput)")
    #expect(outcome.output == "[\(old)]disk/\(name)\n", "\(outcome.output)")
  }

  @Test func `render to a full disk fails and leaves no file`() async throws {
    try await expectRefusal(
      "'\(Program.path)' render scene.jsonl disk", writing: "1-x/video.ppm")
  }

  @Test func `export to a full disk fails and keeps the older file`() async throws {
    try await expectRefusal(
      "'\(Program.path)' export '\(Self.trace)' --to perfetto --output disk/p.json",
      writing: "p.json")
  }

  @Test func `capture to a full disk fails and keeps the older file`() async throws {
    try await expectRefusal(
      "'\(Program.path)' capture --trace '\(Self.trace)' --config /dev/null --output disk/a.svg",
      writing: "a.svg")
  }

  @Test func `export to a read-only disk fails with the reason`() async throws {
    try await expectRefusal(
      "'\(Program.path)' export '\(Self.trace)' --to csv --output disk/p.csv", writing: "p.csv",
      prepare: "mount -o remount,ro disk", because: "the file system is read-only")
  }

  @Test func `a trace that fills the disk ends, and the run continues`() async throws {
    let outcome = try await SmallDisk.run(
      """
      '\(Program.path)' report \(run) --format json --record disk/t.jsonl > report.json || exit 9
      test -s report.json || exit 8
      '\(Program.path)' export disk/t.jsonl --to csv
      """, kibibytes: 36)
    #expect(outcome.code == 0, "\(outcome.code) \(outcome.errorOutput)")
    let errorLines = outcome.errorOutput.split(separator: "\n")
    #expect(errorLines.count == 2, "\(outcome.errorOutput)")
    #expect(errorLines.first?.contains("(No space left on device)") == true)
    // What was written before is a trace that ends early.
    #expect(errorLines.last?.contains("t.jsonl is truncated: it has ") == true)
    #expect(outcome.output.hasPrefix("step,"), "\(outcome.output)")
  }

  /// The screen says so and goes on; where there is room again, the report is saved.
  @Test(.enabled(if: TmuxSession.isInstalled))
  func `saving a report to a full disk fails, and the screen stays open`() async throws {
    try await TmuxSession.open(columns: 160) { screen in
      try await screen.startPaused(Self.programOnFullDisk(screen.scratch))
      // The disk as the program sees it.
      let disk = "/proc/\(try await screen.process())/root\(screen.scratch.path("disk"))"
      try await screen.press("Space")
      try await screen.sees("· done ·")
      try await screen.press("s")
      try await screen.sees("disk/r.json could not be written (no space left)")
      #expect(try String(contentsOfFile: disk + "/r.json", encoding: .utf8) == "old")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: disk).sorted() == ["filler", "r.json"])
      try await screen.press("p")
      try await screen.sees("· paused ·", "▶ head")
      try FileManager.default.removeItem(atPath: disk + "/filler")
      try await screen.press("Space")
      try await screen.sees("· done ·")
      try await screen.press("s")
      try await screen.sees("saved disk/r.json")
      let saved = try Data(contentsOf: URL(filePath: disk + "/r.json"))
      #expect(try JSONSerialization.jsonObject(with: saved) is [String: Any])
      try await screen.press("q")
      try await screen.expectEnd(0)
    }
  }

  /// A program that saves its report to a disk of its own, which has room for it but is full.
  private static func programOnFullDisk(_ scratch: Scratch) -> ScreenProgram {
    let prepare = """
      mkdir disk && mount -t tmpfs -o size=256k tmpfs disk || exit 99
      printf old > disk/r.json
      head -c 999999 /dev/zero > disk/filler 2>/dev/null
      exec "$0" "$@"
      """
    var program = ScreenProgram()
    program.options += ["--report-file", "disk/r.json"]
    program.through = ["unshare", "-rm", "sh", "-c", prepare]
    return program
  }

  @Test func `a sweep that fills the disk ends, and resumes on another disk`() async throws {
    let outcome = try await SmallDisk.run(
      """
      sweep() { '\(Program.path)' sweep '\(clip)' --model '\(model)' --max-new-tokens 2 \
        --methods full,seats,fastv,random --format csv --results "$1"; }
      head -c 12288 /dev/zero > disk/filler
      sweep disk/r.jsonl && exit 9
      cp disk/r.jsonl r.jsonl && sweep r.jsonl > /dev/null || exit 8
      wc -l < r.jsonl
      """)
    #expect(outcome.code == 0, "\(outcome.code) \(outcome.errorOutput)")
    #expect(outcome.errorOutput.contains("r.jsonl could not be written (no space left)"))
    // A header, full tokens, and three methods at four budgets.
    #expect(outcome.output == "14\n")
  }

  @Test func `an output directory without write permission is named`() async throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      at: scratch.url.appending(path: "theirs"), withIntermediateDirectories: false)
    try scratch.write("theirs/p.csv", Data("old".utf8))
    #expect(chmod(scratch.path("theirs"), 0o555) == 0 && chmod(scratch.url.path, 0o755) == 0)
    defer { chmod(scratch.path("theirs"), 0o755) }
    // Whoever may do anything is nobody for once.
    let nobody = geteuid() == 0 ? ["setpriv", "--reuid=65534", "--clear-groups"] : []
    let result = try await Subprocess.run(
      .name("env"),
      arguments: .init(
        nobody + [
          Program.path, "export", Self.trace, "--to", "csv", "--output",
          scratch.path("theirs/p.csv"),
        ]), output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
    #expect(result.terminationStatus == .exited(1))
    #expect(
      result.standardError.contains("p.csv could not be written (permission denied)"),
      "\(result.standardError)")
    let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path("theirs"))
    #expect(left == ["p.csv"])
    #expect(try String(contentsOfFile: scratch.path("theirs/p.csv"), encoding: .utf8) == "old")
  }

  private static let trace = Fixtures.directory.deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "samples/sample.trace.jsonl").path
}

/// A file system of a few KiB, seen by one process tree only.
enum SmallDisk {
  static let isPossible: Bool = {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["unshare", "-rm", "true"]
    try? process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  /// Runs a script beside `disk` and `scene.jsonl`, in a folder that goes away.
  static func run(_ script: String, kibibytes: Int = 16) async throws -> Program.Outcome {
    let scratch = try Scratch()
    try scratch.write("scene.jsonl", Data(scene.utf8))
    let whole = """
      cd '\(scratch.url.path)' && mkdir disk && mount -t tmpfs -o size=\(kibibytes)k tmpfs disk || exit 99
      \(script)
      """
    let result = try await Subprocess.run(
      .name("unshare"), arguments: ["-rm", "sh", "-c", whole], output: .string(limit: 1 << 16),
      error: .string(limit: 1 << 16))
    var code: Int32 = -1
    if case .exited(let status) = result.terminationStatus { code = Int32(status) }
    return .init(code: code, output: result.standardOutput, errorOutput: result.standardError)
  }

  private static let scene =
    #"{"clip":"x","modalities":["video"],"scene":{"seed":1,"clutter":0,"grain":0,"flicker":false,"#
    + #""hiss":0,"windows":[{"shapes":[],"sound":{"kind":"silence"}}]},"#
    + #""questions":[{"id":"1","type":"c","question":"q","answer":"A","chance":0.5}]}"#
}
