import Foundation
import Subprocess
import TestSupport
import Testing

/// The machine fails while the program works.
@Suite(.serialized) struct `Truncated files and failed allocations` {
  private let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path

  @Test(arguments: ["f32", "bf16"])
  func `weights truncated while they are read exit with 1`(_ compute: String) async throws {
    let scratch = try Scratch()
    let weights = try LongCheckpoint(in: scratch)
    async let outcome = Program.run([
      "report", clip, "--model", weights.directory, "--compute", compute, "--no-cache",
    ])
    try await weights.cutOnceMapped()
    let ended = try await outcome
    #expect(ended.code == 1 && ended.output.isEmpty, "\(ended.code) \(ended.errorOutput)")
    #expect(ended.errorOutput.contains("changed while it was read: restart."))
    #expect(ended.errorOutput.split(separator: "\n").count == 1, "\(ended.errorOutput)")
  }

  @Test(.enabled(if: TmuxSession.isInstalled))
  func `weights truncated during the screen restore the terminal`() async throws {
    try await TmuxSession.open { screen in
      let weights = try LongCheckpoint(in: screen.scratch)
      try await screen.start(ScreenProgram(model: weights.directory))
      try await weights.cutOnceMapped()
      try await screen.expectEnd(1)
      #expect(try await screen.text().contains("changed while it was read"))
    }
  }

  /// Before they are used they are looked at: what is gone is packed again from the checkpoint.
  @Test(.enabled(if: TmuxSession.isInstalled))
  func `packed weights truncated before use are packed again`() async throws {
    try await TmuxSession.open(columns: 160) { screen in
      try await screen.startPaused(Self.keepingProgram(screen.scratch))
      try Self.cutKeptWeights(in: screen.scratch)
      try await screen.press("Space")
      try await screen.sees("· done ·")
      #expect(try await screen.text().contains(Self.answer))
      try await screen.press("q")
      try await screen.expectEnd(0)
    }
  }

  @Test(.enabled(if: TmuxSession.isInstalled))
  func `packed weights truncated during the screen restore the terminal`() async throws {
    try await TmuxSession.open(columns: 160) { screen in
      let program = Self.keepingProgram(screen.scratch)
      try await screen.startPaused(program)
      try await screen.press("Space")
      try await screen.sees("· done ·", Self.answer)
      try Self.cutKeptWeights(in: screen.scratch)
      try await screen.press("0")
      try await screen.sees("paused before layer 1")
      try await screen.press("Space")
      try await screen.expectEnd(1)
      #expect(try await screen.text().contains("changed while it was read"))
      try FileManager.default.removeItem(atPath: screen.scratch.path("ended"))
      try await screen.startPaused(program)
      try await screen.press("Space")
      try await screen.sees("· done ·", Self.answer)
      try await screen.press("q")
      try await screen.expectEnd(0)
    }
  }

  private static func keepingProgram(_ scratch: Scratch) -> ScreenProgram {
    var program = ScreenProgram()
    program.options += ["--compute", "bf16"]
    program.environment = ["XDG_CACHE_HOME=\(scratch.url.path)"]
    return program
  }

  /// What the golden model says in bfloat16.
  private static let answer = "keneran"

  private static func cutKeptWeights(in scratch: Scratch) throws {
    let folder = scratch.path("seats-top")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    let name = try #require(names.first { $0.hasSuffix(".packed") })
    #expect(truncate("\(folder)/\(name)", 4096) == 0)
  }

  /// Enough to begin with, and hardly enough for the products: how much that is depends on which
  /// threads come when.
  @Test func `a failed allocation in a run exits with 1`() async throws {
    let model = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path
    var failures = 0
    for kibibytes in [500_000, 550_000, 600_000, 650_000] {
      let ended = try await Program.run(
        ["report", clip, "--model", model, "--compute", "f32", "--threads", "2"],
        environment: ["OPENBLAS_NUM_THREADS": "2"], through: Self.limited(kibibytes))
      guard ended.code != 0 else { continue }
      failures += 1
      #expect(ended.code == 1 && ended.output.isEmpty, "\(ended.code) \(ended.errorOutput)")
      #expect(ended.errorOutput.contains("of memory"), "\(ended.errorOutput)")
      #expect(ended.errorOutput.split(separator: "\n").count == 1, "\(ended.errorOutput)")
    }
    #expect(failures > 0, "no limit was low enough")
  }

  @Test(.enabled(if: TmuxSession.isInstalled))
  func `a failed allocation during the screen restores the terminal`() async throws {
    try await TmuxSession.open(columns: 160) { screen in
      var program = ScreenProgram()
      program.options += ["--compute", "f32", "--threads", "2"]
      program.environment = ["OPENBLAS_NUM_THREADS=2"]
      program.through = Self.limited(550_000)
      try await screen.start(program)
      try await screen.expectEnd(1)
      #expect(try await screen.text().contains("A step needs 128.0 MiB of memory"))
    }
  }

  private static func limited(_ kibibytes: Int) -> [String] {
    ["sh", "-c", "ulimit -v \(kibibytes) && exec \"$0\" \"$@\""]
  }

  /// The calendar's clock goes a day ahead and back with every look at it.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/cc")))
  func `changing the system clock during a run has no effect`() async throws {
    let scratch = try Scratch()
    let source = Fixtures.directory.deletingLastPathComponent()
      .appending(path: "ClockJump/clock_jump.c").path
    let compiler = try await Subprocess.run(
      .name("cc"), arguments: ["-shared", "-fPIC", "-o", scratch.path("jump.so"), source],
      output: .discarded, error: .string(limit: 1 << 16))
    #expect(compiler.terminationStatus == .exited(0), "\(compiler.standardError)")
    let model = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path
    let start = ContinuousClock.now
    let ended = try await Program.run(
      ["report", clip, "--model", model, "--format", "json", "--record", scratch.path("t.jsonl")],
      environment: ["LD_PRELOAD": scratch.path("jump.so")])
    let most = (ContinuousClock.now - start) / .milliseconds(1)
    #expect(ended.code == 0, "\(ended.errorOutput)")
    let report = try JSONSerialization.jsonObject(with: Data(ended.output.utf8))
    let timing = try #require((report as? [String: Any])?["timing"] as? [String: Any])
    let times = timing.compactMapValues { $0 as? Double }
    #expect(times.count > 4 && times.values.allSatisfy { 0 <= $0 && $0 <= most }, "\(times)")
    let trace = try String(contentsOfFile: scratch.path("t.jsonl"), encoding: .utf8)
    let ages = trace.matches(of: /"at":([0-9.]+)/).compactMap { Double($0.1) }
    #expect(ages.count > 4 && ages == ages.sorted() && ages.allSatisfy { $0 * 1000 <= most })
  }

  @Test func `a failed write to standard output is named`() async throws {
    let model = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path
    let command = "'\(Program.path)' report '\(clip)' --model '\(model)' > /dev/full"
    let result = try await Subprocess.run(
      .name("sh"), arguments: ["-c", command], output: .discarded,
      error: .string(limit: 1 << 16))
    #expect(result.terminationStatus == .exited(1))
    #expect(result.standardError.contains("No space left on device"))
  }
}

/// The golden checkpoint with a vocabulary of two million, whose embedding takes long to read.
private struct LongCheckpoint {
  let directory: String
  private let file: URL
  private let headerBytes: Int

  private static let rows = 2_000_000
  private static let width = 48

  init(in scratch: Scratch) throws {
    try scratch.copy("qwen2_5_av/checkpoint", as: "long")
    directory = scratch.path("long")
    file = URL(filePath: directory).appending(path: "model.safetensors")
    let config = URL(filePath: directory).appending(path: "config.json")
    try String(contentsOf: config, encoding: .utf8)
      .replacing("\"vocab_size\": 640", with: "\"vocab_size\": \(Self.rows)")
      .write(to: config, atomically: true, encoding: .utf8)
    headerBytes = try Self.lengthen(file)
  }

  /// Gives every tensor of the vocabulary's height more rows, at the end of the file, all zero.
  private static func lengthen(_ file: URL) throws -> Int {
    let old = try Data(contentsOf: file)
    let length = Int(old.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    let table = try JSONSerialization.jsonObject(with: old[8..<8 + length])
    var header = try #require(table as? [String: Any])
    var end = old.count - 8 - length
    for (name, value) in header {
      guard var entry = value as? [String: Any], let shape = entry["shape"] as? [Int],
        shape == [640, width]
      else { continue }
      entry["shape"] = [rows, width]
      entry["data_offsets"] = [end, end + rows * width * 4]
      end += rows * width * 4
      header[name] = entry
    }
    let text = try JSONSerialization.data(withJSONObject: header)
    var count = UInt64(text.count).littleEndian
    try (Data(bytes: &count, count: 8) + text + old.dropFirst(8 + length)).write(to: file)
    #expect(truncate(file.path, off_t(8 + text.count + end)) == 0)
    return 8 + text.count
  }

  /// Waits until some process has the file mapped, and takes all but its header away.
  func cutOnceMapped() async throws {
    let isCut = await withCheckedContinuation { answer in
      // A thread of its own: other tests keep those of the pool busy for longer than loading takes.
      Thread { answer.resume(returning: cutWhenMapped(patience: .seconds(60))) }.start()
    }
    #expect(isCut, "nobody maps \(file.path)")
  }

  private func cutWhenMapped(patience: Duration) -> Bool {
    let deadline = ContinuousClock.now + patience
    while ContinuousClock.now < deadline {
      if Self.isMapped(file.path) { return truncate(file.path, off_t(headerBytes)) == 0 }
      usleep(1000)
    }
    return false
  }

  private static func isMapped(_ path: String) -> Bool {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.contains { process in
      guard Int(process) != nil, Int(process) != Int(getpid()),
        let name = try? FileManager.default.destinationOfSymbolicLink(
          atPath: "/proc/\(process)/exe"), name == Program.path || name.hasSuffix("/seats-top"),
        let maps = try? String(contentsOfFile: "/proc/\(process)/maps", encoding: .utf8)
      else { return false }
      return maps.contains(path)
    }
  }
}
