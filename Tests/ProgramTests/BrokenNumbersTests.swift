import Foundation
import TestSupport
import Testing

/// Numbers that mean nothing end a run with the layer they came from, on every path, in the prefill
/// and at every token of an answer.
@Suite struct `NaN and infinite values` {
  private static let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path

  /// Commands that make a model answer.
  static let commands: [[String]] = [
    ["report", clip, "--max-new-tokens", "4", "--ignore-eos"],
    [
      "report", clip, "--method", "full", "--max-new-tokens", "4", "--ignore-eos", "--compute",
      "bf16",
    ],
    ["report", clip, "--max-new-tokens", "4", "--ignore-eos", "--compute", "int8"],
    ["compare", clip, "--methods", "full,seats", "--max-new-tokens", "4", "--repeats", "1"],
    ["sweep", clip, "--methods", "seats", "--retentions", "15", "--max-new-tokens", "4"],
    ["analyze", clip, "--max-new-tokens", "4"],
  ]

  /// A golden model of which one tensor is changed.
  private func model(
    _ tensor: String, _ change: (inout [Float]) -> Void
  ) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.copy("qwen2_5_av/checkpoint", as: "model")
    let file = scratch.url.appending(path: "model/model.safetensors")
    var data = try Data(contentsOf: file)
    let count = data.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    let header = try #require(
      try JSONSerialization.jsonObject(with: data[8..<8 + count]) as? [String: Any])
    let entry = try #require(header["thinker.\(tensor)"] as? [String: Any])
    #expect(entry["dtype"] as? String == "F32")
    let offsets = try #require(entry["data_offsets"] as? [Int])
    let range = 8 + count + offsets[0]..<8 + count + offsets[1]
    var values = data[range].withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    change(&values)
    data.replaceSubrange(range, with: values.withUnsafeBytes { Data($0) })
    try data.write(to: file)
    return scratch
  }

  private func expectEnd(
    _ command: [String], _ scratch: Scratch, naming words: [String]
  ) async throws {
    let outcome = try await Program.run(
      command + ["--model", scratch.path("model"), "--no-cache"])
    #expect(outcome.code == 1, "\(command): \(outcome.output)")
    for word in words {
      #expect(outcome.errorOutput.contains(word), "\(command): \(outcome.errorOutput)")
    }
    #expect(outcome.output.isEmpty)
  }

  @Test(arguments: commands) func `an overflow of float32 exits with 1 and names the layer`(
    _ command: [String]
  ) async throws {
    let scratch = try model("model.layers.3.mlp.down_proj.weight") {
      $0 = $0.map { $0 * 1e30 }
    }
    try await expectEnd(command, scratch, naming: ["layer 4", "overflow"])
  }

  @Test(arguments: commands) func `NaN in a hidden state exits with 1 and names the layer`(
    _ command: [String]
  ) async throws {
    let scratch = try model("model.layers.6.self_attn.o_proj.weight") { $0[5] = .nan }
    try await expectEnd(command, scratch, naming: ["layer 7", "not finite"])
  }

  /// The embedding of every token that is not in the prompt: the prefill is sound, and the first token
  /// of the answer is not.
  @Test(arguments: [["report"], ["report", "--compute", "bf16"], ["report", "--compute", "int8"]])
  func `NaN while decoding ends the answer at that token`(_ start: [String]) async throws {
    let command = start + [Self.clip, "--max-new-tokens", "4", "--ignore-eos"]
    let sound = try await Program.run(
      command + [
        "--format", "json", "--model",
        Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path,
      ])
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(sound.output.utf8)) as? [String: Any])
    let prompt = Set(try #require(report["prompt_ids"] as? [Int]))
    let answer = try #require(report["answer"] as? [String: Any])
    let first = try #require((answer["token_ids"] as? [Int])?.first)
    try #require(!prompt.contains(first))
    let width = 48
    let scratch = try model("model.embed_tokens.weight") { values in
      for id in 0..<values.count / width where !prompt.contains(id) { values[id * width] = .nan }
    }
    try await expectEnd(command, scratch, naming: ["token 2 of the answer", "not finite"])
    let screen = try await Program.run([
      "capture", "--config", "/dev/null", "--format", "text", "--keys", "space 9", "--size",
      "200x30",
      "--model", scratch.path("model"), Self.clip, "--max-new-tokens", "4", "--no-cache",
    ])
    #expect(
      screen.output.contains("token 2 of the answer"), "\(screen.output)\(screen.errorOutput)")
  }

  @Test func `equal logits for all tokens are an error`() async throws {
    let scratch = try model("lm_head.weight") { $0 = $0.map { _ in 0 } }
    try await expectEnd(Self.commands[0], scratch, naming: ["logits", "all equal"])
  }
}
