import Foundation
import TestSupport
import Testing

/// What the program says of LoRA directories and quantised checkpoints that it cannot read.
@Suite struct `Error messages about adapters and quantised weights` {
  private static let runs = Fixtures.directory.appending(path: "quantised/runs")
  private static let base = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path
  private static let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path

  /// A copy of a directory with a file changed; gone with the value.
  private final class Copy {
    let url = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString)")

    init(_ source: URL, _ file: String, _ from: String, _ to: String) throws {
      try FileManager.default.copyItem(at: source, to: url)
      let place = url.appending(path: file)
      let text = try String(contentsOf: place, encoding: .utf8)
      #expect(text.contains(from), "\(file) has no \(from)")
      try Data(text.replacing(from, with: to).utf8).write(to: place)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
  }

  private func errorOutput(_ arguments: [String]) async throws -> String {
    let outcome = try await Program.run(["report", Self.clip] + arguments)
    #expect(outcome.code == 1 && outcome.output.isEmpty)
    let lines = outcome.errorOutput.split(separator: "\n")
    #expect(lines.count == 1 && lines.first?.hasPrefix("seats-top: ") == true, "\(outcome)")
    #expect(lines.first?.hasSuffix(".") == true, "\(outcome)")
    return outcome.errorOutput
  }

  @Test func `an adapter without its base asks for --base`() async throws {
    let adapter = Self.runs.appending(path: "qwen2.5-lora-attention-v5").path
    let text = try await errorOutput(["--model", adapter])
    for word in ["LoRA adapter", "golden", "give --base"] {
      #expect(text.contains(word), "\(text)")
    }
  }

  @Test func `a missing base model of an adapter is an error with its path`() async throws {
    let adapter = Self.runs.appending(path: "qwen2.5-lora-attention-v5").path
    let text = try await errorOutput(["--model", adapter, "--base", "/nowhere/at/all"])
    #expect(text.contains("/nowhere/at/all"), "\(text)")
  }

  @Test(arguments: [
    (#""peft_type": "LORA""#, #""peft_type": "IA3""#, "peft_type is IA3"),
    (#""init_lora_weights": true"#, #""init_lora_weights": "pissa""#, "init_lora_weights is pissa"),
    (#""bias": "none""#, #""bias": "some""#, "bias is some"),
  ])
  func `an adapter feature that is not supported is named with a remedy`(
    from: String, to: String, words: String
  ) async throws {
    let copy = try Copy(
      Self.runs.appending(path: "qwen2.5-lora-attention-v5"), "adapter_config.json", from, to)
    let text = try await errorOutput(["--model", copy.url.path, "--base", Self.base])
    #expect(text.contains(words) && text.contains("merge_and_unload"), "\(text)")
  }

  @Test func `an adapter of another family names its first unknown tensor`() async throws {
    let adapter = Self.runs.appending(path: "qwen3-lora-experts-v5").path
    let text = try await errorOutput(["--model", adapter, "--base", Self.base])
    #expect(text.contains("LoRA adapter"), "\(text)")
  }

  @Test(arguments: [
    (#"{"quant_method": "gptq", "bits": 4, "checkpoint_format": "bitblas"}"#, "gptq bitblas"),
    (
      #"{"quant_method": "compressed-tensors", "format": "marlin-24"}"#,
      "compressed-tensors marlin-24"
    ),
    (#"{"quant_method": "hqq"}"#, "hqq"),
  ])
  func `an unsupported quantisation scheme is named with the supported ones`(
    settings: String, scheme: String
  ) async throws {
    let copy = try Copy(
      URL(filePath: Self.base), "config.json", #""model_type": "qwen2_5_omni","#,
      #""model_type": "qwen2_5_omni", "quantization_config": \#(settings),"#)
    let text = try await errorOutput(["--model", copy.url.path])
    #expect(
      text.contains("names the quantisation \(scheme)") && text.contains("AWQ, GPTQ"), "\(text)")
  }
}
