// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Fixtures keep the spelling of their keys.

import Foundation
import Selection
import Tensors
import TestSupport
import Testing

@testable import OmniModel

/// Every stage of the thinker against the reference's tensors, within the tolerances that the
/// fixtures' README gives and explains.
@Suite struct `Golden runs` {
  @Test(arguments: GoldenCase.names)
  func `prompt, encoders and full tokens equal the reference`(_ name: String) throws {
    let golden = try GoldenCase(name)
    let thinker = try golden.thinker()
    let prompt = try Prompt(golden.clip(), for: thinker)
    try expectPrompt(prompt, golden.expected)
    var prefill = Prefill(prompt, thinker: thinker, plan: .full)
    while try prefill.advance(Cancellation()) != nil {}
    let encoded = try #require(prefill.encoded)
    if let video = encoded.media.clips[0].video {
      try expectEncoder(
        video, "vision", golden.expected, unit: 4 * 2 * (prompt.clips[0].videoGrid?.perTime ?? 0))
    }
    if let audio = encoded.media.clips[0].audio {
      let unit = 2 * (thinker.configuration.definition.audio?.unitsPerSecond ?? 0)
      try expectEncoder(audio, "audio", golden.expected, unit: unit)
    }
    try expectDeepstack(encoded.media.clips[0].video, golden.expected)
    try expectFullRun(prefill, prompt, golden.expected)
    #expect(try generated(prefill, 8) == golden.expected.integers("full.generated_ids"))
  }

  private func expectPrompt(_ prompt: Prompt, _ expected: TensorArchive) throws {
    #expect(try prompt.ids == expected.integers("prompt.input_ids"))
    let positions = (0..<3).flatMap { axis in prompt.layout.positions.map { $0[axis] } }
    #expect(try positions == expected.floats("prompt.position_ids"))
    let delta = prompt.layout.nextPosition - Float(prompt.ids.count)
    #expect(try [delta] == expected.floats("prompt.rope_delta"))
    if let mel = prompt.clips[0].mel {
      let features = try expected.floats("audio.input_features")
      #expect(worstMiss(mel.elements, features, absolute: 2e-4) <= 0)
    }
    if let patches = prompt.clips[0].videoPatches {
      let rows = try expected.integers("vision.pixel_values_rows")
      let values = patches.values.gatherRows(rows).elements
      #expect(worstMiss(values, try expected.floats("vision.pixel_values"), absolute: 1e-5) <= 0)
      #expect(
        try [patches.times, patches.rows, patches.columns] == expected.integers("vision.grid_thw"))
    }
  }

  private func expectEncoder(
    _ encoded: EncodedModality, _ name: String, _ expected: TensorArchive, unit: Int
  ) throws {
    let output = try expected.floats(name + ".encoder_output")
    #expect(
      worstMiss(encoded.features.elements, output, absolute: 1e-4, relative: 1e-4) <= 0, "\(name)")
    let received = encoded.attention.received(windowUnits: unit)
    let mean = try expected.floats(name + ".attention_mean")
    #expect(worstMiss(received, mean, absolute: 1e-4, relative: 1e-4) <= 0, "\(name)")
    let keys = try expected.floats(name + ".attention_key_mean")
    #expect(
      worstMiss(encoded.attention.keyMeans().elements, keys, absolute: 1e-4, relative: 1e-4) <= 0,
      "\(name)")
  }

  private func expectDeepstack(_ video: EncodedModality?, _ expected: TensorArchive) throws {
    let levels = expected.names.filter { $0.hasPrefix("vision.deepstack.") }
    #expect(video?.deepstack.count ?? 0 == levels.count)
    for (index, level) in (video?.deepstack ?? []).enumerated() {
      let values = try expected.floats("vision.deepstack.\(index)")
      #expect(worstMiss(level.elements, values, absolute: 1e-4, relative: 1e-4) <= 0)
    }
  }

  private func expectFullRun(
    _ prefill: Prefill, _ prompt: Prompt, _ expected: TensorArchive
  ) throws {
    let encoded = try #require(prefill.encoded)
    let embeddings = encoded.embeddings.value(as: Tensor.self).elements
    let inputs = try expected.floats("llm.inputs_embeds")
    #expect(worstMiss(embeddings, inputs, absolute: 1e-4, relative: 1e-4) <= 0)
    for layer in 1...prefill.layerCount {
      let name = "full.hidden_states.\(layer - 1)"
      let hidden = try prefill.hiddenRows(afterLayer: layer)
      let shape = try expected.shape(name)
      let rows =
        shape[0] == hidden.rows
        ? Array(0..<hidden.rows) : try expected.integers("full.hidden_positions")
      var output = Tensor(shape, try expected.floats(name))
      let level = "vision.deepstack.\(layer - 1)"
      if expected.has(level) {
        // The fixture's states are from before the features of the vision encoder are added.
        let features = Tensor(try expected.shape(level), try expected.floats(level))
        for (row, position) in rows.enumerated() {
          guard case .video(let index) = prompt.layout.sources[position] else { continue }
          output.addRows(features.rows(index..<index + 1), to: [row])
        }
      }
      let found = hidden.gatherRows(rows)
      let miss = worstMiss(found.elements, output.elements, absolute: 2e-3, relative: 1e-3)
      #expect(miss <= 0, "layer \(layer)")
    }
    let logits = try expected.floats("full.logits_last")
    #expect(worstMiss(prefill.logits, logits, absolute: 1e-3) <= 0)
  }

  @Test(arguments: GoldenCase.names)
  func `SEATS keeps the same tokens as the reference`(_ name: String) throws {
    let golden = try GoldenCase(name)
    let thinker = try golden.thinker()
    let prompt = try Prompt(golden.clip(), for: thinker)
    let start = try encodedPrefill(prompt, thinker)
    #expect(!golden.runs.isEmpty)
    for (tag, run) in golden.runs {
      var prefill = start
      prefill.apply(run.settings(for: thinker).plan(for: shape(prompt, thinker)))
      while try prefill.advance(Cancellation()) != nil {}
      try expectSeats(prefill, run, tag, golden.seats)
    }
  }

  private func expectSeats(
    _ prefill: Prefill, _ run: SeatsRun, _ tag: String, _ expected: TensorArchive
  ) throws {
    #expect(
      try prefill.outcomes[1].drop?.kept == expected.integers(tag + ".stage1.kept_indices"),
      "\(tag)")
    let layers = prefill.outcomes.dropFirst(2).dropLast()
    #expect(layers.map(\.entering.total) == run.seq_len_per_layer, "\(tag)")
    for (index, drop) in run.drops.enumerated() {
      let record = try #require(prefill.outcomes[drop.after_layer_1based + 1].drop, "\(tag)")
      try expectDrop(record, drop, "\(tag).drop\(index).", expected)
    }
    if let late = run.late_block_layer, late > 1 {
      let removal = try #require(prefill.outcomes[late].drop, "\(tag)")
      #expect(removal.kind == .remove)
      #expect(try removal.kept == expected.integers(tag + ".late.kept_indices"), "\(tag)")
    }
    let last = try (1...prefill.layerCount).flatMap { layer in
      let hidden = try prefill.hiddenRows(afterLayer: layer)
      return hidden.row(hidden.rows - 1)
    }
    let hidden = try expected.floats(tag + ".hidden_last_per_layer")
    #expect(worstMiss(last, hidden, absolute: 2e-3, relative: 1e-3) <= 0, "\(tag)")
    let logits = try expected.floats(tag + ".logits_last")
    #expect(worstMiss(prefill.logits, logits, absolute: 1e-3) <= 0, "\(tag)")
    #expect(
      prefill.caches().map(\.rows.count) == run.kv_cache_len_per_layer_after_prefill, "\(tag)")
    #expect(try generated(prefill, run.generated_ids.count) == run.generated_ids, "\(tag)")
  }

  private func expectDrop(
    _ record: DropRecord, _ drop: SeatsRun.Drop, _ name: String, _ expected: TensorArchive
  ) throws {
    #expect(try record.before == expected.integers(name + "before_indices"), "\(name)")
    let scores = try expected.floats(name + "scores")
    #expect(worstMiss(record.scores, scores, absolute: 2e-5, relative: 1e-3) <= 0, "\(name)")
    #expect(try record.kept == expected.integers(name + "kept_indices"), "\(name)")
    #expect((record.path == .windows) == drop.windowed, "\(name)")
    guard drop.windowed else { return }
    #expect(record.windows.map(\.budget) == drop.window_budget, "\(name)")
    #expect(record.windows.map(\.videoBudget) == drop.video_budget, "\(name)")
    #expect(record.windows.map(\.audioBudget) == drop.audio_budget, "\(name)")
    for (found, tensor) in [
      (record.windows.map(\.videoWeight), "win_video_weight"),
      (record.windows.map(\.audioWeight), "win_audio_weight"),
      (record.windows.map(\.videoRelevance), "win_video_mean_score"),
      (record.windows.map(\.audioRelevance), "win_audio_mean_score"),
    ] {
      let values = try expected.floats(name + tensor)
      #expect(worstMiss(found, values, absolute: 2e-5, relative: 1e-3) <= 0, "\(name)\(tensor)")
    }
  }

  @Test(arguments: GoldenCase.names)
  func `baseline methods keep the same tokens as the reference`(_ name: String) throws {
    let golden = try GoldenCase(name)
    let thinker = try golden.thinker()
    let prompt = try Prompt(golden.clip(), for: thinker)
    let start = try encodedPrefill(prompt, thinker)
    let runs = try Fixtures.decode([String: BaselineRun].self, name + "/expected_baselines.json")
    for (tag, run) in runs where run.reference_error == nil {
      var prefill = start
      prefill.apply(run.settings.plan(for: shape(prompt, thinker)))
      while try prefill.advance(Cancellation()) != nil {}
      let kept = prefill.survivors
      if run.random_audio_drop {
        let video = kept.filter { prompt.modalities[$0] == .video }
        #expect(
          try video == golden.baselines.integers(tag + ".kept_video_indices"), "\(tag)")
        let lengths = prefill.outcomes.dropFirst(2).dropLast().map(\.entering.total)
        #expect(lengths == run.seq_len_per_layer, "\(tag)")
      } else {
        #expect(try kept == golden.baselines.integers(tag + ".kept_indices"), "\(tag)")
        let logits = try golden.baselines.floats(tag + ".logits_last")
        #expect(worstMiss(prefill.logits, logits, absolute: 1e-3) <= 0, "\(tag)")
        #expect(try generated(prefill, 8) == run.generated_ids, "\(tag)")
      }
    }
  }

  private struct BaselineRun: Decodable {
    let method: String
    let video_ratio, audio_ratio: Double
    let random_audio_drop: Bool
    let reference_error: String?
    let generated_ids, seq_len_per_layer: [Int]?

    var settings: SelectionSettings {
      let method =
        SelectionMethod(
          rawValue: self.method.replacing("_omni", with: "-om")) ?? .full
      return SelectionSettings(
        method: method, budget: .init(video: video_ratio, audio: audio_ratio), dropLayers: [],
        lateLayer: nil)
    }
  }

  @Test func `resized pixels equal the reference's`() throws {
    let golden = try GoldenCase("qwen2_5_video_only")
    let clip = try golden.clip()
    let video = try #require(clip.video)
    #expect((video.height, video.width) == (75, 100))
    let resize = BicubicResize(from: (75, 100), to: (84, 112))
    let expected = try golden.expected.floats("vision.resized_frames").map { UInt8($0) }
    #expect(video.frames.flatMap { resize($0) } == expected)
  }

  @Test func `stepping back without snapshots gives equal hidden states`() throws {
    let golden = try GoldenCase("qwen2_5_av")
    let thinker = try golden.thinker()
    let prompt = try Prompt(golden.clip(), for: thinker)
    let plan = SelectionSettings(defaultsForLayers: 10).plan(for: shape(prompt, thinker))
    var rich = Prefill(prompt, thinker: thinker, plan: plan)
    var poor = Prefill(prompt, thinker: thinker, plan: plan, snapshotBytes: 0)
    while try rich.advance(Cancellation()) != nil {}
    for _ in 0..<9 { try poor.advance(Cancellation()) }
    poor.rewind(toSteps: 5)
    while try poor.advance(Cancellation()) != nil {}
    #expect(poor.survivors == rich.survivors && poor.logits == rich.logits)
    var settings = SelectionSettings(defaultsForLayers: 10)
    settings.windowTemperature = 0.001
    for index in 0..<2 {
      var edited = index == 0 ? rich : poor
      edited.apply(settings.plan(for: shape(prompt, thinker)))
      while try edited.advance(Cancellation()) != nil {}
      if index == 0 { rich = edited } else { poor = edited }
    }
    #expect(poor.survivors == rich.survivors && poor.logits == rich.logits)
  }

  private func shape(_ prompt: Prompt, _ thinker: Thinker) -> PromptShape {
    var shape = prompt.shape(layers: thinker.configuration.text.layers)
    shape.contentHash = 0
    return shape
  }

  private func encodedPrefill(_ prompt: Prompt, _ thinker: Thinker) throws -> Prefill {
    var prefill = Prefill(prompt, thinker: thinker, plan: .full)
    try prefill.advance(Cancellation())
    return prefill
  }

  private func generated(_ prefill: Prefill, _ count: Int) throws -> [Int] {
    var decoding = Decoding(prefill)
    return try (0..<count).map { _ in try decoding.next() }
  }
}
