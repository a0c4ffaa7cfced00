// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Fixtures keep the spelling of their keys.

import Foundation
import OmniModel
import Selection
import TestSupport

/// One golden checkpoint and clip with what the reference made of them.
struct GoldenCase {
  let name: String
  let expected: TensorArchive
  let seats: TensorArchive
  let baselines: TensorArchive
  let runs: [String: SeatsRun]
  let description: Description

  struct Description: Decodable {
    let query, prompt_text: String
    let system: String?
    let video_second_per_grid: Double?
    let video_size_kwarg: Size?
    let changes_under_float_resize: [String]

    struct Size: Decodable {
      let shortest_edge, longest_edge: Int
    }
  }

  static let names = ["qwen2_5_av", "qwen2_5_video_only", "qwen2_5_audio_only", "qwen3_av"]

  init(_ name: String) throws {
    self.name = name
    let directory = Fixtures.golden.appending(path: name)
    expected = try TensorArchive(directory.appending(path: "expected.safetensors"))
    seats = try TensorArchive(directory.appending(path: "expected_seats.safetensors"))
    baselines = try TensorArchive(directory.appending(path: "expected_baselines.safetensors"))
    runs = try Fixtures.decode([String: SeatsRun].self, name + "/expected_seats.json")
    description = try Fixtures.decode(Description.self, name + "/case.json")
  }

  /// Expectations are in single precision, and so is what `auto` makes of checkpoints this small.
  func thinker(_ compute: ComputeChoice = .auto) throws -> Thinker {
    try Thinker(
      directory: Fixtures.golden.appending(path: name + "/checkpoint").path, compute: compute)
  }

  /// The inputs tensor file as a clip.
  func clip() throws -> ClipInput {
    let inputs = try TensorArchive(
      Fixtures.golden.appending(path: name + "/inputs.safetensors"))
    var video: PixelFrames?
    if inputs.has("video.frames") {
      let shape = try inputs.shape("video.frames")
      let pixels = try inputs.floats("video.frames").map { UInt8($0) }
      let size = shape[1] * shape[2] * 3
      let frames = (0..<shape[0]).map { Array(pixels[$0 * size..<($0 + 1) * size]) }
      video = PixelFrames(frames, height: shape[1], width: shape[2])
    }
    return ClipInput(
      system: description.system, question: description.query, video: video,
      waveform: inputs.has("audio.waveform") ? try inputs.floats("audio.waveform") : nil,
      secondsPerGrid: description.video_second_per_grid ?? 1,
      leastPixels: description.video_size_kwarg?.shortest_edge,
      mostPixels: description.video_size_kwarg?.longest_edge)
  }
}

/// One entry of expected_seats.json.
struct SeatsRun: Decodable {
  struct Drop: Decodable {
    let after_layer_1based: Int
    let windowed: Bool
    let total_video_keep, total_audio_keep: Int?
    let window_budget, video_budget, audio_budget: [Int]?
  }

  struct Schedule: Decodable {
    let video_keep_ratio_per_step, audio_keep_ratio_per_step: [Double]
  }

  let video_ratio, audio_ratio, encoder_ratio_scale: Double
  let grid_in_window, sec_in_audio_window: Int
  let progressive_drop_layers: String?
  let late_block_layer: Int?
  let schedule: Schedule
  let drops: [Drop]
  let seq_len_per_layer, kv_cache_len_per_layer_after_prefill, generated_ids: [Int]

  func settings(for thinker: Thinker) -> SelectionSettings {
    SelectionSettings(
      budget: .init(video: video_ratio, audio: audio_ratio), encoderScale: encoder_ratio_scale,
      dropLayers: (progressive_drop_layers ?? "").split { "-,".contains($0) }
        .compactMap { Int($0) },
      lateLayer: late_block_layer,
      windows: .init(grids: grid_in_window, audioSeconds: sec_in_audio_window),
      windowTemperature: thinker.configuration.family.published.windowTemperature)
  }
}
