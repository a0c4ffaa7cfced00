import Foundation
import Selection
import TestSupport
import Testing

@testable import OmniModel

/// A family needs its own folder and a place in the list of families, and nothing else.
@Suite struct `A new model family` {
  private static let clip = "qwen2_5_av"

  /// Qwen2.5-Omni's tiny decoder and first and last products of its vision tower, with the names and
  /// the configuration of the toy.
  private func checkpoint() throws -> VariantCheckpoint {
    let variant = try VariantCheckpoint(Self.clip).tensors { copy in
      let kept = copy.tensors.filter { !$0.key.hasPrefix("thinker.audio_tower.") }
      copy.tensors = [:]
      for (name, tensor) in kept {
        let plain = name.replacing("thinker.visual.", with: "thinker.eyes.")
        copy.tensors[plain.replacing("thinker.", with: "toy.")] = tensor
      }
    }
    return try variant.config { keys in
      var thinker = keys["thinker_config"] as? [String: Any] ?? [:]
      thinker = thinker.filter { !$0.key.hasPrefix("audio_") }
      thinker["model_type"] = "toy_vl"
      thinker["architectures"] = ["ToyVLForConditionalGeneration"]
      keys = thinker
    }
  }

  private func withToy<Value>(_ body: () throws -> Value) rethrows -> Value {
    try FamilyList.$added.withValue([ToyFamily()], operation: body)
  }

  @Test func `a model family is supported only when it is listed`() throws {
    let path = try checkpoint()
    let error = #expect(throws: CheckpointError.self) { try Thinker(directory: path.path) }
    guard case .unsupportedArchitecture(_, "ToyVLForConditionalGeneration") = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    let loaded = try withToy { try Thinker(directory: path.path).configuration.family }
    #expect(loaded.rawValue == "Toy-VL")
  }

  @Test func `a listed family prefills with its own encoder, layout and defaults`() throws {
    let path = try checkpoint()
    try withToy {
      let thinker = try Thinker(directory: path.path)
      #expect(thinker.audio == nil && thinker.configuration.audio == nil)
      #expect(thinker.publishedDrops == PublishedDrops(dropLayers: [3], lateLayer: 9))
      #expect(thinker.configuration.family.published.windowTemperature == 7)
      #expect(!thinker.facts.contains { $0.subject == "longest audio" })

      let prompt = try Prompt(GoldenCase(Self.clip).clip(), for: thinker)
      let clip = prompt.clips[0]
      #expect(prompt.modalities.contains(.video) && !prompt.modalities.contains(.audio))
      #expect(clip.audit.usedAudioSeconds == nil && clip.audit.unusedAudioSeconds > 0)
      let times = zip(prompt.modalities, prompt.layout.positions).filter { $0.0 == .video }
        .map { $0.1.x }
      #expect(times.allSatisfy { $0 > 1000 })

      let grids = try #require(clip.videoGrid).times
      let at = thinker.tokenizer.encodePlain("at")
      let written = prompt.ids.indices.filter { prompt.ids[$0...].starts(with: at) }
      #expect(grids > 1 && written.count >= grids)

      var prefill = Prefill(prompt, thinker: thinker, plan: .full)
      while try prefill.advance(Cancellation()) != nil {}
      #expect(prefill.logits.count == 640 && prefill.logits.allSatisfy(\.isFinite))
      #expect(thinker.parameters > 0)
    }
  }

  @Test func `settings of an encoder that the family lacks are refused`() throws {
    let path = try checkpoint().config { $0["audio_config"] = ["d_model": 32] }
    let error = #expect(throws: CheckpointError.self) {
      try withToy { try OmniConfiguration(directory: path.path) }
    }
    guard case .unknownKey(_, "audio_config", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a family without audio refuses a clip with audio only`() throws {
    let path = try checkpoint()
    try withToy {
      let thinker = try Thinker(directory: path.path)
      #expect(throws: PromptError.noAudio(ModelFamily(rawValue: "Toy-VL"))) {
        try Prompt(GoldenCase("qwen2_5_audio_only").clip(), for: thinker)
      }
    }
  }
}

@Suite struct `Names of model families` {
  @Test(arguments: [
    ("Qwen3OmniMoeForConditionalGeneration", ModelFamily.qwen3),
    ("Qwen2_5OmniThinkerForConditionalGeneration", .qwen25), ("somebody else's", .standard),
  ])
  func `the model family is found by the architecture name`(
    _ architecture: String, _ family: ModelFamily
  ) {
    #expect(ModelFamily(architecture: architecture) == family)
  }

  @Test func `an unknown model family keeps its name`() throws {
    let unknown = ModelFamily(rawValue: "Gemma-3n")
    let data = try JSONEncoder().encode([unknown])
    #expect(String(decoding: data, as: UTF8.self) == #"["Gemma-3n"]"#)
    #expect(try JSONDecoder().decode([ModelFamily].self, from: data) == [unknown])
  }

  @Test func `listed model families have unique names and own shapes`() throws {
    #expect(ModelFamily.allCases == [.qwen25, .qwen3, .qwen25VL, .qwen3VL])
    for family in FamilyList.all {
      #expect(ModelFamily(architecture: family.architecture) == family.family)
      for shape in family.shapes { #expect(try shape.configuration().family == family.family) }
    }
  }
}
