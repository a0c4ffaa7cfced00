import Foundation
import TestSupport
import Testing

/// Packed weights that are kept, seen from outside.
@Suite struct `Weight cache commands` {
  private let scratch: Scratch
  private let environment: [String: String]
  private var folder: String { scratch.path("seats-top") }

  init() throws {
    scratch = try Scratch()
    environment = ["XDG_CACHE_HOME": scratch.url.path]
  }

  private let arguments = [
    "report", Fixtures.golden.appending(path: "qwen2_5_av/clip").path, "--model",
    Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path, "--compute", "bf16", "--format",
    "json",
  ]

  private var files: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }

  /// A run that must succeed, with at most one line on stderr; its answer.
  private func answer(
    _ command: [String] = [], _ more: [String] = [], says part: String? = nil
  ) async throws -> [Int] {
    let outcome =
      command.isEmpty
      ? try await Program.run(arguments + more, environment: environment)
      : try await Program.run(arguments + more, environment: environment, through: command)
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    let lines = outcome.errorOutput.split(separator: "\n")
    #expect(lines.count == (part == nil ? 0 : 1), "\(outcome.errorOutput)")
    if let part { #expect(outcome.errorOutput.contains(part), "\(outcome.errorOutput)") }
    let report = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let answer = try #require((report as? [String: Any])?["answer"] as? [String: Any])
    return try #require(answer["token_ids"] as? [Int])
  }

  @Test func `the weight cache is written once, listed, verified and cleared`() async throws {
    let plain = try await answer([], ["--no-cache"])
    #expect(files.isEmpty)
    #expect(try await answer(says: "Packing the weights once") == plain)
    #expect(files.count == 1)
    #expect(try await answer() == plain)
    let list = try await Program.run(["cache"], environment: environment)
    #expect(list.output.contains("qwen2_5_av/checkpoint") && list.output.contains("1 file"))
    let check = try await Program.run(["cache", "check"], environment: environment)
    #expect(check.code == 0)
    let path = URL(filePath: folder).appending(path: try #require(files.first))
    var bytes = try Data(contentsOf: path)
    bytes[5000] ^= 1
    try bytes.write(to: path)
    let damaged = try await Program.run(["cache", "check"], environment: environment)
    #expect(damaged.code == 1 && damaged.output.contains(path.path))
    let clear = try await Program.run(["cache", "clear"], environment: environment)
    #expect(clear.code == 0 && files.isEmpty)
  }

  @Test func `a full disk for the weight cache does not fail the run`() async throws {
    let plain = try await answer([], ["--no-cache"])
    // Writing stops at a size: what a full disk looks like from inside.
    let command = ["bash", "-c", "ulimit -f 100; exec \"$0\" \"$@\""]
    let outcome = try await Program.run(arguments, environment: environment, through: command)
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    let lines = outcome.errorOutput.split(separator: "\n")
    #expect(lines.count == 2 && lines.last?.contains("cannot be written") == true)
    #expect(files.isEmpty)
    #expect(try await answer(says: "Packing the weights once") == plain)
  }

  @Test func `a file at the cache folder's path does not fail the run`() async throws {
    try scratch.write("seats-top", Data("mine".utf8))
    _ = try await answer(says: "cannot be written")
    #expect(try Data(contentsOf: scratch.url.appending(path: "seats-top")) == Data("mine".utf8))
  }

  @Test func `a read-only disk for the weight cache does not fail the run`() async throws {
    let mountable = "unshare -rm mount -t tmpfs none /mnt"
    let probe = try await Program.run([], through: ["bash", "-c", mountable])
    guard probe.code == 0 else { return }
    for (options, part) in [("size=1m", "more than half"), ("ro", "cannot be written")] {
      let mount = "mount -t tmpfs -o \(options) none '\(scratch.url.path)' && exec \"$0\" \"$@\""
      _ = try await answer(["unshare", "-rm", "bash", "-c", mount], says: part)
    }
  }
}
