import Foundation
import Selection
import TestSupport
import Testing

/// What the program says of a model that takes no sound.
@Suite struct `Reports of vision-language models` {
  private static let models = ["qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe", "qwen3_vl-5"]

  private static func model(_ name: String) -> String {
    Fixtures.directory.appending(path: "vl/" + name).path
  }

  /// A clip with video and sound.
  private static let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path

  private func report(_ model: String, _ more: [String]) async throws -> Program.Outcome {
    try await Program.run(
      ["report", Self.clip, "--model", Self.model(model), "--max-new-tokens", "2"] + more)
  }

  @Test(arguments: models)
  func `reports of vision-language models state that there is no audio`(_ model: String)
    async throws
  {
    let text = try await report(model, ["--method", "seats"])
    #expect(text.code == 0, "\(text.errorOutput)")
    #expect(text.output.contains(" video, no audio\n"))
    #expect(text.output.contains("the model accepts no audio"))
    #expect(!text.output.contains("0 audio"))
    #expect(!text.output.contains("audio 0"))
  }

  @Test(arguments: models)
  func `JSON reports of vision-language models have null for audio`(_ model: String) async throws {
    let json = try await report(model, ["--method", "seats", "--format", "json"])
    let keys = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    for (object, key) in [
      ("tokens", "audio"), ("plan", "audio_ratio"), ("stage1", "audio_kept"),
      ("timing", "audio_encoder_ms"),
    ] {
      let part = keys?[object] as? [String: Any]
      #expect(part?[key] is NSNull, "\(object).\(key)")
    }
  }

  @Test(arguments: SelectionMethod.allCases.map(\.rawValue))
  func `every method runs on vision-language models`(
    _ method: String
  ) async throws {
    for model in ["qwen2_5_vl", "qwen3_vl"] {
      let run = try await report(model, ["--method", method, "--retention", "25"])
      #expect(run.code == 0, "\(model) \(method): \(run.errorOutput)")
    }
  }
}
