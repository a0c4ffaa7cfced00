import Foundation
import TestSupport
import Testing

/// `seats-top capture`: screens as pictures, without a terminal.
@Suite struct `Screen captures` {
  private static let trace = Fixtures.golden.deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "samples/sample.trace.jsonl").path

  private func capture(_ arguments: String...) async throws -> Program.Outcome {
    try await Program.run(["capture", "--config", "/dev/null"] + arguments)
  }

  @Test func `each key of a capture takes effect before the next one`() async throws {
    let seen = try await capture(
      "--trace", Self.trace, "--keys", "space f p p 9", "--format", "text", "--size", "100x30")
    #expect(seen.code == 0, "\(seen.errorOutput)")
    #expect(seen.output.contains("layer 11/12"), "\(seen.output)")
    #expect(seen.output.contains("full tokens: prefill"), "\(seen.output)")
    #expect(seen.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test func `a capture of a live run shows the finished answer`() async throws {
    let seen = try await capture(
      "--format", "text", "--keys", "space", "--model",
      Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path,
      Fixtures.golden.appending(path: "qwen2_5_av/clip").path, "--max-new-tokens", "4")
    #expect(seen.code == 0, "\(seen.errorOutput)")
    #expect(seen.output.contains("· done · layer 10/10"), "\(seen.output)")
  }

  @Test func `captures of a recording are reproducible`() async throws {
    let arguments = [
      "capture", "--config", "/dev/null", "--trace", Self.trace, "--keys", "d d 3 r",
    ]
    let (one, other) = (try await Program.run(arguments), try await Program.run(arguments))
    #expect(one.output.hasPrefix("<svg "))
    #expect(one.output == other.output)
  }

  @Test func `an invalid capture exits with one error message`() async throws {
    let gone = try await capture("--trace", "/nowhere.jsonl")
    #expect(gone.code == 1)
    #expect(gone.errorOutput.contains("/nowhere.jsonl"), "\(gone.errorOutput)")
    let key = try await capture("--trace", Self.trace, "--keys", "hyper")
    #expect(key.code == 2)
    #expect(key.errorOutput.contains("unknown key hyper"), "\(key.errorOutput)")
    #expect(try await capture("--size", "0x9").code == 2)
  }
}
