// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Fixtures keep the spelling of their keys.

import Foundation
import Tensors
import TestSupport
import Testing

@testable import Selection

/// The isolated fixtures of `golden/units`: exact indices, budgets and ratios.
@Suite struct `Golden selection units` {
  private struct Units: Decodable {
    struct Diversity: Decodable {
      let tokens, window_tokens, kept: Int
      let ratio: Double
    }

    struct TopDown: Decodable {
      let family: String
      let layout: [Int]
      let video_keep_ratio, audio_keep_ratio: Double
      let windowed: Bool
      let win_video_weight, win_audio_weight: [Float]?
      let window_budget, video_budget, audio_budget: [Int]?
    }

    struct Zip: Decodable {
      let tokens, window_tokens, kept: Int
      let ratio, contextual_ratio: Double
    }

    struct Reallocation: Decodable {
      let video_ratio, audio_ratio: Double
      let n_video, n_audio: Int
      let out: [Double]
    }

    struct FastVRatio: Decodable {
      let avg, out: [Double]
      let fastv_k, num_layers: Int
    }

    let windivprune: [Diversity]
    let topdown: [TopDown]
    let visionzip: [Zip]
    let audio_intact_reallocate: [Reallocation]
    let fastv_setting_ratio: [FastVRatio]
  }

  private let units: Units
  private let tensors: TensorArchive

  init() throws {
    units = try Fixtures.decode(Units.self, "units/units.json")
    tensors = try TensorArchive(Fixtures.golden.appending(path: "units/units.safetensors"))
  }

  private func tensor(_ name: String) throws -> Tensor {
    Tensor(try tensors.shape(name), try tensors.floats(name))
  }

  private func kept(_ name: String) throws -> [Int] {
    try tensors.floats(name).enumerated().filter { $0.element != 0 }.map(\.offset)
  }

  @Test func `Stage I keeps the same tokens as the reference`() throws {
    #expect(units.windivprune.count > 5)
    for (index, unit) in units.windivprune.enumerated() {
      let name = "windivprune.\(index)."
      let kept = WindowedDiversity(ratio: unit.ratio, windowTokens: unit.window_tokens).select(
        features: try tensor(name + "features"), attention: try tensors.floats(name + "attention"))
      #expect(try kept == self.kept(name + "keep_mask"), "unit \(index)")
    }
  }

  @Test func `window budgets and survivors equal the reference's`() throws {
    #expect(units.topdown.count > 5)
    for (index, unit) in units.topdown.enumerated() {
      let layout = unit.layout.map { [Modality.text, .video, .audio][$0] }
      let outcome = TopDownBudget(
        videoKeep: unit.video_keep_ratio, audioKeep: unit.audio_keep_ratio,
        temperature: unit.family == "qwen3" ? 0.3 : 0.1
      ).select(layout, scores: try tensors.floats("topdown.\(index).scores"))
      #expect(try outcome.kept == kept("topdown.\(index).keep_mask"), "unit \(index)")
      #expect((outcome.path == .windows) == unit.windowed, "unit \(index)")
      guard let budgets = unit.window_budget else { continue }
      #expect(outcome.windows.map(\.budget) == budgets, "unit \(index)")
      #expect(outcome.windows.map(\.videoBudget) == unit.video_budget, "unit \(index)")
      #expect(outcome.windows.map(\.audioBudget) == unit.audio_budget, "unit \(index)")
      let weights = outcome.windows.map(\.videoWeight)
      #expect(worstMiss(weights, unit.win_video_weight ?? [], absolute: 1e-6) <= 0)
    }
  }

  @Test func `VisionZip keeps and merges like the reference`() throws {
    #expect(units.visionzip.count > 5)
    for (index, unit) in units.visionzip.enumerated() {
      let name = "visionzip.\(index)."
      let outcome = DominantMerge(
        ratio: unit.ratio, contextual: unit.contextual_ratio, windowTokens: unit.window_tokens
      ).select(
        attention: try tensors.floats(name + "attention"), keys: try tensor(name + "key"))
      let kept = try self.kept(name + "keep_mask")
      #expect(outcome.kept == kept, "unit \(index)")
      let expected = try tensor(name + "out_features").gatherRows(kept).elements
      var features = try tensor(name + "features")
      features.scatterRows(outcome.changed.rows(of: features), to: outcome.changed.offsets)
      let found = features.gatherRows(outcome.kept).elements
      #expect(worstMiss(found, expected, absolute: 1e-5, relative: 1e-4) <= 0, "unit \(index)")
    }
  }

  @Test func `window budgets with all audio kept equal the reference's`() {
    for unit in units.audio_intact_reallocate {
      let shared = AudioIntact.share(
        .init(video: unit.video_ratio, audio: unit.audio_ratio),
        .init(video: unit.n_video, audio: unit.n_audio))
      #expect(abs(shared.video - unit.out[0]) < 1e-12 && abs(shared.audio - unit.out[1]) < 1e-12)
    }
  }

  @Test func `FastV's ratios meet the requested average over layers`() {
    for unit in units.fastv_setting_ratio {
      let ratios = FastV.settingRatios(
        .init(video: unit.avg[0], audio: unit.avg[1]), layers: unit.num_layers,
        dropLayer: unit.fastv_k)
      #expect(abs(ratios.video - unit.out[0]) < 1e-12 && abs(ratios.audio - unit.out[1]) < 1e-12)
    }
  }
}

/// `golden/schedules.json`: the reference scheduler on the real models, to four decimals.
@Suite struct `Golden schedules` {
  private struct File: Decodable {
    struct Entry: Decodable {
      let model: String
      let video_ratio, audio_ratio: Double
      let video_encoder_ratio, audio_encoder_ratio: Double
      let num_layers: Int
      let drop_layers: [Int]
      let remove_layer: Int?
      let video_keep_ratio_per_step, audio_keep_ratio_per_step: [Double]
      let video_total_drop_frac, audio_total_drop_frac: Double
    }

    let entries: [Entry]
  }

  @Test func `every drop schedule equals the reference's`() throws {
    let entries = try Fixtures.decode(File.self, "schedules.json").entries
    #expect(entries.count == 30)
    for entry in entries {
      let sides = [
        (
          entry.video_ratio, entry.video_encoder_ratio, entry.video_keep_ratio_per_step,
          entry.video_total_drop_frac
        ),
        (
          entry.audio_ratio, entry.audio_encoder_ratio, entry.audio_keep_ratio_per_step,
          entry.audio_total_drop_frac
        ),
      ]
      for (target, entering, ratios, fraction) in sides {
        let schedule = DropSchedule(
          target: target, entering: entering, dropLayers: entry.drop_layers,
          removeAfter: entry.remove_layer, layers: entry.num_layers)
        #expect(schedule.keepRatios == ratios, "\(entry.model)")
        #expect(schedule.totalDropFraction == fraction, "\(entry.model)")
      }
    }
  }
}
