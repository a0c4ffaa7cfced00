// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Fixtures keep the spelling of their keys.

import Foundation
import Selection
import TestSupport
import Testing

@testable import OmniModel
@testable import RemoteEngine

/// The engine in PyTorch against the one of this process. Runs where `SEATS_TOP_ENGINE_PYTHON` names a Python
/// with torch and transformers (`make test-pytorch`).
@Suite(.enabled(if: PyTorchEngine.python != nil)) struct `PyTorch engine` {
  private struct SeatsRun: Decodable {
    let video_ratio, audio_ratio, encoder_ratio_scale: Double
    let grid_in_window, sec_in_audio_window: Int
    let progressive_drop_layers: String?
    let late_block_layer: Int?
    let seq_len_per_layer, generated_ids: [Int]
  }

  private func expectEqual(_ here: Prefill, _ there: Prefill, _ what: String) {
    #expect(here.survivors == there.survivors, "\(what)")
    #expect(here.outcomes.map(\.drop?.kept) == there.outcomes.map(\.drop?.kept), "\(what)")
    #expect(here.outcomes.map(\.entering) == there.outcomes.map(\.entering), "\(what)")
    #expect(here.keyValueBytes == there.keyValueBytes, "\(what)")
    let miss = worstMiss(there.logits, here.logits, absolute: 1e-3, relative: 1e-3)
    #expect(miss <= 0, "\(what)")
  }

  @Test(arguments: ["qwen2_5_av", "qwen2_5_video_only", "qwen2_5_audio_only", "qwen3_av"])
  func `every published run and every method give the same survivors and answers`(
    _ name: String
  ) throws {
    let directory = ScriptedProcess.checkpoint(name)
    let pair = try EnginePair(
      directory: directory, clip: EnginePair.clip(name),
      command: PyTorchEngine.command(directory))
    let runs = try Fixtures.decode([String: SeatsRun].self, name + "/expected_seats.json")
    let tensors = try TensorArchive(
      Fixtures.golden.appending(path: name + "/expected_seats.safetensors"))
    for (key, run) in runs.sorted(by: { $0.key < $1.key }) {
      let layers = pair.here.configuration.text.layers
      var settings = SelectionSettings(defaultsForLayers: layers)
      settings.method = .seats
      settings.budget = RetentionBudget(video: run.video_ratio, audio: run.audio_ratio)
      settings.encoderScale = run.encoder_ratio_scale
      settings.windows = SelectionWindows(
        grids: run.grid_in_window, audioSeconds: run.sec_in_audio_window)
      settings.dropLayers = (run.progressive_drop_layers ?? "").split(separator: "-")
        .compactMap { Int($0) }
      settings.lateLayer = run.late_block_layer
      settings.windowTemperature =
        pair.here.configuration.family.published.windowTemperature
      let (mine, theirs) = pair.prefill(settings.plan(for: pair.prompt.shape(layers: layers)))
      var (here, there) = (mine, theirs)
      let answers = (
        try EnginePair.answer(&here, run.generated_ids.count),
        try EnginePair.answer(&there, run.generated_ids.count)
      )
      #expect(answers.0 == answers.1 && answers.1 == run.generated_ids, "\(key)")
      #expect(
        there.outcomes.dropFirst(2).dropLast().map(\.entering.total) == run.seq_len_per_layer,
        "\(key)")
      let kept = try tensors.integers(key + ".stage1.kept_indices")
      #expect(there.outcomes[1].drop?.kept ?? [] == kept, "\(key)")
      expectEqual(here, there, key)
    }
    try expectEveryMethod(pair)
  }

  private func expectEveryMethod(_ pair: EnginePair) throws {
    for method in SelectionMethod.allCases {
      var (here, there) = pair.prefill(pair.plan(method))
      let answers = (try EnginePair.answer(&here, 6), try EnginePair.answer(&there, 6))
      #expect(answers.0 == answers.1, "\(method.rawValue)")
      expectEqual(here, there, method.rawValue)
    }
  }

  @Test(arguments: ["qwen2_5_vl", "qwen2_5_vl-5", "qwen3_vl", "qwen3_vl-5", "qwen3_vl_moe"])
  func `vision-language models give the same survivors and answers`(_ name: String) throws {
    let directory = Fixtures.directory.appending(path: "vl/" + name).path
    let frames = (0..<6).map { frame in
      (0..<84 * 112 * 3).map { UInt8(truncatingIfNeeded: ($0 * 7 + frame * 31) ^ ($0 / 97)) }
    }
    let clip = ClipInput(
      question: "What moves?", video: PixelFrames(frames, height: 84, width: 112), waveform: nil,
      secondsPerGrid: 1)
    do {
      try expectEveryMethod(
        EnginePair(directory: directory, clip: clip, command: PyTorchEngine.command(directory)))
    } catch let fault as EngineFault where name.hasSuffix("-5") && fault.kind == .refused {
      // Saved by transformers 5: transformers 4 refuses it.
      #expect(fault.reason.contains("rope_parameters"))
    }
  }

  @Test func `the embedded model gives the same survivors and answers`() throws {
    let directory = Fixtures.package.appending(path: "samples/model").path
    let name = "qwen2_5_av"
    try expectEveryMethod(
      EnginePair(
        directory: directory, clip: EnginePair.clip(name), command: PyTorchEngine.command(directory)
      ))
  }
}

enum PyTorchEngine {
  static let python = ProcessInfo.processInfo.environment["SEATS_TOP_ENGINE_PYTHON"]

  /// A command for a checkpoint, in single precision on the CPU.
  static func command(_ directory: String) -> String {
    let folder = Fixtures.package.appending(path: "integrations/pytorch").path
    return
      "env 'PYTHONPATH=\(folder)' OMP_NUM_THREADS=1 '\(python ?? "python3")' -m seats_trace.engine "
      + "--model '\(directory)' --dtype float32 --device-map cpu --threads 1"
  }
}
