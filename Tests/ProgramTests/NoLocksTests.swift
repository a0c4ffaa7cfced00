import Foundation
import Subprocess
import TestSupport
import Testing

/// A file system without locks, made by a library that refuses them all.
@Suite(.enabled(if: NoLocks.isPossible)) struct `File systems without locks` {
  private let golden = Fixtures.golden.appending(path: "qwen2_5_av")

  @Test func `sweep, record and cache work without file locks, with a notice`() async throws {
    let scratch = try Scratch()
    let library = try await NoLocks.library(in: scratch)
    let run = [
      golden.appending(path: "clip").path, "--model", golden.appending(path: "checkpoint").path,
      "--max-new-tokens", "1", "--compute", "bf16",
    ]
    let environment = [
      "LD_PRELOAD": library, "XDG_CACHE_HOME": scratch.path("cache"), "REFUSAL": "\(ENOLCK)",
    ]
    let words = "cannot be locked (\(String(cString: strerror(ENOLCK))))"
    for repetition in 0..<2 {
      let sweep = try await Program.run(
        ["sweep"] + run + ["--methods", "full", "--results", scratch.path("r.jsonl")],
        environment: environment)
      #expect(
        sweep.code == 0 && sweep.errorOutput.contains("r.jsonl \(words)"), "\(sweep.errorOutput)")
      // Packed once, and then found.
      #expect(sweep.errorOutput.contains(".packed \(words)") == (repetition == 0))
      let report = try await Program.run(
        ["report"] + run + ["--record", scratch.path("t.jsonl")], environment: environment)
      #expect(report.code == 0 && report.errorOutput.contains("t.jsonl \(words)"))
      let cache = try FileManager.default.contentsOfDirectory(
        atPath: scratch.path("cache/seats-top"))
      #expect(cache.count == 1 && cache.first?.hasSuffix(".packed") == true, "\(cache)")
    }
    // A lock that is held is another matter.
    let held = environment.merging(["REFUSAL": "\(EWOULDBLOCK)"]) { $1 }
    let busy = try await Program.run(
      ["sweep"] + run + ["--methods", "full", "--results", scratch.path("r.jsonl")],
      environment: held)
    #expect(
      busy.code == 1 && busy.errorOutput.contains("Another sweep is writing"), "\(busy.errorOutput)"
    )
  }
}

/// `flock` that fails with the error code in $REFUSAL, in a library to be loaded before all others.
enum NoLocks {
  static let isPossible = access("/usr/bin/cc", X_OK) == 0

  static func library(in scratch: Scratch) async throws -> String {
    let source = """
      #include <errno.h>
      #include <stdlib.h>
      int flock(int descriptor, int operation) {
        (void)descriptor; (void)operation;
        errno = atoi(getenv("REFUSAL"));
        return -1;
      }

      """
    try scratch.write("flock.c", Data(source.utf8))
    let library = scratch.path("flock.so")
    let result = try await Subprocess.run(
      .name("cc"), arguments: ["-shared", "-fPIC", "-o", library, scratch.path("flock.c")],
      output: .discarded, error: .string(limit: 1 << 16))
    #expect(result.terminationStatus == .exited(0), "\(result.standardError)")
    return library
  }
}
