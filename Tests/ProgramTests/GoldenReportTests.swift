// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Fixtures keep the spelling of their keys.

import Foundation
import TestSupport
import Testing

/// `seats-top report --format json` against every SEATS run of the golden cases.
@Suite struct `Golden reports` {
  private struct Run: Decodable {
    struct Drop: Decodable {
      let after_layer_1based: Int
      let windowed: Bool
      let window_budget, video_budget, audio_budget: [Int]?
    }

    let video_ratio, audio_ratio, encoder_ratio_scale: Double
    let grid_in_window, sec_in_audio_window: Int
    let progressive_drop_layers: String?
    let late_block_layer: Int?
    let drops: [Drop]
    let seq_len_per_layer, generated_ids: [Int]
    let prefill_flops, prefill_flops_full: Double

    var options: [String] {
      [
        "--video-ratio", "\(video_ratio)", "--audio-ratio", "\(audio_ratio)",
        "--encoder-scale", "\(encoder_ratio_scale)", "--grids-per-window", "\(grid_in_window)",
        "--audio-window-seconds", "\(sec_in_audio_window)",
        "--drop-layers", progressive_drop_layers ?? "none",
        "--late-layer", late_block_layer.map { "\($0)" } ?? "none",
        "--max-new-tokens", "\(generated_ids.count)", "--ignore-eos",
      ]
    }
  }

  private struct Report: Decodable {
    struct Boundary: Decodable {
      struct Window: Decodable {
        let budget, video_budget, audio_budget: Int
      }

      let after_layer: Int
      let kind, path: String
      let kept: [Int]
      let scores: [Float]
      let windows: [Window]
    }

    struct Layer: Decodable { let text, video, audio: Int }
    struct Flops: Decodable { let reference_full, reference_selected: Double }
    struct Answer: Decodable {
      struct Logit: Decodable {
        let id: Int
        let logit: Float
      }

      let token_ids: [Int]
      let top_logits: [Logit]
    }
    struct Stage1: Decodable { let kept: [Int] }

    let schema: String
    let prompt_ids: [Int]
    let stage1: Stage1
    let boundaries: [Boundary]
    let layers: [Layer]
    let flops: Flops
    let answer: Answer
  }

  private struct Case: Decodable { let changes_under_float_resize: [String] }

  @Test(arguments: [
    "qwen2_5_av/clip", "qwen2_5_video_only/clip", "qwen2_5_video_only/clip_unresized",
    "qwen2_5_audio_only/clip", "qwen3_av/clip",
  ])
  func `survivors, budgets, costs and answers equal the reference's`(_ clip: String) async throws {
    let name = String(clip.prefix { $0 != "/" })
    let runs = try Fixtures.decode([String: Run].self, name + "/expected_seats.json")
    let expected = try TensorArchive(
      Fixtures.golden.appending(path: name + "/expected_seats.safetensors"))
    let prompt = try TensorArchive(
      Fixtures.golden.appending(path: name + "/expected.safetensors"))
    let excused = try Fixtures.decode(Case.self, name + "/case.json").changes_under_float_resize
    for (tag, run) in runs where !(clip.hasSuffix("unresized") && excused.contains(tag)) {
      let arguments =
        [
          "report", Fixtures.golden.appending(path: clip).path, "--format", "json", "--model",
          Fixtures.golden.appending(path: name + "/checkpoint").path,
        ] + run.options
      let outcome = try await Program.run(arguments)
      #expect(outcome.code == 0, "\(tag): \(outcome.errorOutput)")
      let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
      #expect(report.schema == "seats-top/report/1")
      #expect(try report.prompt_ids == prompt.integers("prompt.input_ids"), "\(tag)")
      #expect(try report.stage1.kept == expected.integers(tag + ".stage1.kept_indices"), "\(tag)")
      try expect(report, run, tag, expected)
    }
  }

  private func expect(
    _ report: Report, _ run: Run, _ tag: String, _ expected: TensorArchive
  ) throws {
    let prunes = report.boundaries.filter { $0.kind == "prune" }
    #expect(prunes.map(\.after_layer) == run.drops.map(\.after_layer_1based), "\(tag)")
    for (index, (prune, drop)) in zip(prunes, run.drops).enumerated() {
      let name = "\(tag).drop\(index)."
      #expect(try prune.kept == expected.integers(name + "kept_indices"), "\(name)")
      let scores = try expected.floats(name + "scores")
      #expect(worstMiss(prune.scores, scores, absolute: 2e-5, relative: 1e-3) <= 0, "\(name)")
      #expect((prune.path == "windows") == drop.windowed, "\(name)")
      guard drop.windowed else { continue }
      #expect(prune.windows.map(\.budget) == drop.window_budget, "\(name)")
      #expect(prune.windows.map(\.video_budget) == drop.video_budget, "\(name)")
      #expect(prune.windows.map(\.audio_budget) == drop.audio_budget, "\(name)")
    }
    #expect(report.layers.map { $0.text + $0.video + $0.audio } == run.seq_len_per_layer)
    #expect(abs(report.flops.reference_selected / run.prefill_flops - 1) < 1e-9, "\(tag)")
    #expect(abs(report.flops.reference_full / run.prefill_flops_full - 1) < 1e-9, "\(tag)")
    #expect(report.answer.token_ids == run.generated_ids, "\(tag)")
    let logits = try expected.floats(tag + ".logits_last")
    for top in report.answer.top_logits {
      #expect(abs(logits[top.id] - top.logit) < 1e-3, "\(tag)")
    }
  }
}
