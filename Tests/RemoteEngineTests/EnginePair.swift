// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Fixtures keep the spelling of their keys.

import Foundation
import Selection
import TestSupport

@testable import OmniModel
@testable import RemoteEngine

/// A model of this process, and the same of an engine elsewhere, with a prompt for both.
struct EnginePair {
  let here, there: Thinker
  let prompt, other: Prompt
  let link: EngineLink

  /// A golden case on the scripted engine.
  init(_ name: String) throws {
    try self.init(
      directory: ScriptedProcess.checkpoint(name), clip: Self.clip(name),
      command: ScriptedProcess.command(name))
  }

  init(directory: String, clip: ClipInput, command: String) throws {
    here = try Thinker(directory: directory, compute: .f32)
    link = try EngineLink(command: command)
    there = try Thinker(RemoteModel(link))
    prompt = try Prompt(clip, for: here)
    other = try Prompt(clip, for: there)
  }

  private struct Description: Decodable {
    let query: String
    let system: String?
    let video_second_per_grid: Double?
    let video_size_kwarg: Size?

    struct Size: Decodable {
      let shortest_edge, longest_edge: Int
    }
  }

  /// The inputs of a golden case.
  static func clip(_ name: String) throws -> ClipInput {
    let inputs = try TensorArchive(Fixtures.golden.appending(path: name + "/inputs.safetensors"))
    let description = try Fixtures.decode(Description.self, name + "/case.json")
    var video: PixelFrames?
    if inputs.has("video.frames") {
      let shape = try inputs.shape("video.frames")
      let pixels = try inputs.floats("video.frames").map { UInt8($0) }
      let size = shape[1] * shape[2] * 3
      video = PixelFrames(
        (0..<shape[0]).map { Array(pixels[$0 * size..<($0 + 1) * size]) }, height: shape[1],
        width: shape[2])
    }
    let sound = inputs.has("audio.waveform") ? try inputs.floats("audio.waveform") : nil
    return ClipInput(
      system: description.system, question: description.query, video: video, waveform: sound,
      secondsPerGrid: description.video_second_per_grid ?? 1,
      leastPixels: description.video_size_kwarg?.shortest_edge,
      mostPixels: description.video_size_kwarg?.longest_edge)
  }

  func prefill(_ plan: SelectionPlan, snapshotBytes: Int = 1 << 30) -> (Prefill, Prefill) {
    (
      Prefill(prompt, thinker: here, plan: plan, snapshotBytes: snapshotBytes),
      Prefill(other, thinker: there, plan: plan, snapshotBytes: snapshotBytes)
    )
  }

  func plan(_ method: SelectionMethod) -> SelectionPlan {
    let layers = here.configuration.text.layers
    var settings = SelectionSettings(defaultsForLayers: layers)
    settings.method = method
    settings.budget = RetentionBudget(video: 0.3, audio: 0.5)
    if layers >= 10 {
      settings.dropLayers = [4, 6, 7]
      settings.lateLayer = 9
    }
    return settings.plan(for: prompt.shape(layers: layers))
  }

  /// Runs to the end, and decodes.
  static func answer(_ prefill: inout Prefill, _ count: Int) throws -> [Int] {
    while try prefill.advance(Cancellation()) != nil {}
    var decoding = Decoding(prefill)
    return try (0..<count).map { _ in try decoding.next() }
  }
}
