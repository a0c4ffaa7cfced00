import Foundation
import TestSupport
import Testing

/// `--memory`: what the whole program holds, seen from outside.
@Suite(.serialized) struct `Memory limit` {
  /// A golden checkpoint whose MLPs are so wide that weights matter: 16 MiB of bfloat16 in each
  /// of ten layers.
  private final class WideModel {
    let scratch: Scratch
    let model: String
    static let inner = 60_000
    static let layerBytes = 3 * 48 * 2 * inner

    init() throws {
      scratch = try Scratch()
      try scratch.copy("qwen2_5_av/checkpoint", as: "model")
      model = scratch.path("model")
      let config = scratch.url.appending(path: "model/config.json")
      let text = try String(contentsOf: config, encoding: .utf8)
      let wide = text.replacing(
        /("text_config"[\s\S]*?"intermediate_size": )\d+/, with: { "\($0.output.1)\(Self.inner)" })
      try Data(wide.utf8).write(to: config)
      let file = scratch.url.appending(path: "model/model.safetensors")
      var copy = try SafetensorsCopy(file)
      for (name, tensor) in copy.tensors where name.contains("model.layers.") {
        guard name.contains(".mlp.") else { continue }
        let shape = tensor.shape[1] == 48 ? [Self.inner, 48] : [48, Self.inner]
        copy.tensors[name] = .init(type: "BF16", shape: shape, bytes: Self.numbers)
      }
      try copy.write(to: file)
    }

    /// Small numbers of either sign, again and again.
    private static let numbers: Data = {
      let some = (0..<9973).map {
        UInt16(truncatingIfNeeded: ((Float($0 % 257) - 128) * 0.00002).bitPattern >> 16)
      }
      let block = some.withUnsafeBytes { Data($0) }
      var numbers = Data()
      while numbers.count < 2 * 48 * inner { numbers += block }
      return numbers.prefix(2 * 48 * inner)
    }()

    let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path
  }

  private struct Run {
    let ids: [Int]
    let peak: Int
    let streaming: [String: Int]?
    let errorOutput: String
  }

  private func outcome(
    _ wide: WideModel, _ compute: String, _ more: [String], through command: [String] = []
  ) async throws -> Program.Outcome {
    try await Program.run(
      [
        "report", wide.clip, "--model", wide.model, "--compute", compute, "--no-cache",
        "--max-new-tokens", "2", "--ignore-eos", "--format", "json",
      ] + more, through: command)
  }

  private func run(_ wide: WideModel, _ compute: String, _ more: [String]) async throws -> Run {
    try run(await outcome(wide, compute, more))
  }

  private func run(_ outcome: Program.Outcome) throws -> Run {
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let report = try #require(object as? [String: Any])
    let answer = try #require(report["answer"] as? [String: Any])
    let memory = try #require(report["memory"] as? [String: Any])
    return Run(
      ids: try #require(answer["token_ids"] as? [Int]),
      peak: try #require(memory["peak_bytes"] as? Int),
      streaming: memory["streaming"] as? [String: Int], errorOutput: outcome.errorOutput)
  }

  @Test(arguments: ["bf16", "int8"])
  func `a memory limit is kept and changes no answer`(_ compute: String) async throws {
    let wide = try WideModel()
    let plain = try await run(wide, compute, [])
    #expect(plain.streaming == nil && plain.errorOutput.isEmpty)
    let bound = plain.peak - 4 * WideModel.layerBytes
    let bounded = try await run(wide, compute, ["--memory", "\(bound)"])
    #expect(bounded.ids == plain.ids)
    #expect(bounded.errorOutput.contains("Streaming weights from disk"), "\(bounded.errorOutput)")
    let streaming = try #require(bounded.streaming)
    #expect(streaming["bound_bytes"] == bound)
    // What a product allocates on its way is estimated, not counted.
    #expect(bounded.peak < bound + bound / 10, "\(bounded.peak) of \(bound)")
  }

  /// Neither the checkpoint as a whole nor weights that were evicted may take address space.
  @Test(arguments: ["bf16", "int8"])
  func `weights are streamed under ulimit -v, with the same answer`(_ compute: String) async throws
  {
    let wide = try WideModel()
    let plain = try await run(wide, compute, [])
    var streamed = 0
    for kibibytes in [400_000, 700_000, 750_000, 800_000] {
      let limited = try await outcome(
        wide, compute, [], through: ["sh", "-c", "ulimit -v \(kibibytes) && exec \"$0\" \"$@\""])
      guard limited.code == 0 else {
        // Refused beforehand, not in the middle of a step.
        #expect(limited.code == 1, "\(limited.code)")
        #expect(!limited.errorOutput.contains("A step needs"), "\(limited.errorOutput)")
        continue
      }
      let bounded = try run(limited)
      #expect(bounded.ids == plain.ids)
      if bounded.streaming != nil { streamed += 1 }
    }
    #expect(streamed > 0)
  }

  @Test func `a memory limit that is too small is refused with one that works`() async throws {
    let wide = try WideModel()
    let base = ["report", wide.clip, "--model", wide.model, "--compute", "bf16", "--no-cache"]
    let refused = try await Program.run(base + ["--memory", "64M"])
    #expect(refused.code == 1)
    #expect(refused.errorOutput.split(separator: "\n").count == 1, "\(refused.errorOutput)")
    var bound = try #require(refused.errorOutput.firstMatch(of: /--memory (\d+M)/)).output.1
    // The prefill, whose length is known later, may want more: it says how much.
    var outcome = try await Program.run(base + ["--memory", String(bound)])
    if outcome.code != 0 {
      bound = try #require(outcome.errorOutput.firstMatch(of: /give --memory (\d+M)/)).output.1
      outcome = try await Program.run(base + ["--memory", String(bound)])
    }
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
  }

  @Test func `--memory takes a number of bytes and refuses other text`() async throws {
    for text in ["", "much", "-1", "1.5G", "9223372036854775807"] {
      let outcome = try await Program.run(["report", "--memory=\(text)"])
      #expect(outcome.code == 2, "\(text)")
    }
  }

  @Test func `the memory limit in the configuration is validated like the option`() async throws {
    let scratch = try Scratch()
    for (text, isGood) in [("\"12G\"", true), ("\"much\"", false), ("12", false)] {
      try scratch.write("config.toml", Data("memory = \(text)\n".utf8))
      let outcome = try await Program.run(["doctor", "--config", scratch.path("config.toml")])
      let line = outcome.output.split(separator: "\n").first { $0.contains("configuration") }
      #expect(try #require(line).contains("memory") == !isGood, "\(outcome.output)")
    }
  }

  @Test func `doctor reports memory limits, disk speed and the choice of auto`() async throws {
    let outcome = try await Program.run(["doctor"])
    for part in ["memory", "GiB free", "disk", "auto, F32", "auto, BF16", "auto, FP8"] {
      #expect(outcome.output.contains(part), "\(outcome.output)")
    }
  }
}
