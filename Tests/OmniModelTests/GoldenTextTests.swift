// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Fixtures keep the spelling of their keys.

import Foundation
import TestSupport
import Testing

@testable import OmniModel

/// Tokenizer, positions and frame sizes against `golden/units`.
@Suite struct `Golden text and layout units` {
  private struct TextUnit: Decodable {
    let text, decoded: String
    let ids: [Int]
  }

  @Test func `the tokenizer encodes and decodes like the reference`() throws {
    let units = try Fixtures.decode([String: [TextUnit]].self, "units/tokenizer.json")
    #expect(
      units.keys.contains("qwen3_av/checkpoint") || units.keys.contains("qwen3_av"), "\(units.keys)"
    )
    for (checkpoint, texts) in units {
      let tokenizer = try Tokenizer(directory: Fixtures.golden.appending(path: checkpoint).path)
      for unit in texts {
        #expect(tokenizer.encode(unit.text) == unit.ids, "\(unit.text)")
        #expect(tokenizer.decode(unit.ids, keepingSpecial: true) == unit.decoded)
      }
    }
  }

  private struct PositionUnit: Decodable {
    struct IDs: Decodable {
      let audio_token_index, audio_start_token_id, audio_end_token_id: Int?
      let image_token_index, video_token_index: Int?
      let audio_token_id, image_token_id, video_token_id: Int?
      let vision_start_token_id, vision_end_token_id: Int?
    }

    let family, name: String
    let input_ids: [Int]
    let image_grid_thw, video_grid_thw: [[Int]]
    let mel_lengths: [Int]
    let second_per_grid: [Double]
    let config_ids: IDs
    let position_id_per_seconds: Int
    let positions: [[Float]]
    let rope_delta: Float
  }

  @Test func `M-RoPE positions equal the reference's for every layout`() throws {
    let units = try Fixtures.decode([PositionUnit].self, "units/positions.json")
    #expect(units.count == 22)
    for unit in units {
      let layout = try layout(unit)
      #expect(layout.ids == unit.input_ids, "\(unit.family) \(unit.name)")
      for axis in 0..<3 {
        let found = layout.positions.map { $0[axis] }
        #expect(found == unit.positions[axis], "\(unit.family) \(unit.name) axis \(axis)")
      }
      let delta = layout.nextPosition - Float(layout.ids.count)
      #expect(delta == unit.rope_delta, "\(unit.family) \(unit.name)")
    }
  }

  /// Reads the segments back from the ids and lays them out again.
  private func layout(_ unit: PositionUnit) throws -> PromptLayout {
    let ids = unit.config_ids
    let tokens: SpecialTokens = [
      .audio: try #require(ids.audio_token_index ?? ids.audio_token_id),
      .audioStart: try #require(ids.audio_start_token_id),
      .audioEnd: try #require(ids.audio_end_token_id),
      .image: try #require(ids.image_token_index ?? ids.image_token_id),
      .video: try #require(ids.video_token_index ?? ids.video_token_id),
      .visionStart: try #require(ids.vision_start_token_id),
      .visionEnd: try #require(ids.vision_end_token_id),
    ]
    var grids = (image: unit.image_grid_thw[...], video: unit.video_grid_thw[...])
    var seconds = unit.second_per_grid[...]
    var mels = unit.mel_lengths[...]
    var segments: [PromptSegment] = []
    var rest = unit.input_ids[...]
    func audioTokens() -> Int {
      let frames = mels.removeFirst()
      return unit.family == "qwen3"
        ? Qwen3AudioEncoder.tokenCount(frames: frames)
        : Qwen25AudioEncoder.tokenCount(frames: frames)
    }
    func grid(_ shape: [Int]) -> TokenGrid {
      TokenGrid(times: shape[0], rows: shape[1] / 2, columns: shape[2] / 2)
    }
    while let id = rest.first {
      let second = rest.dropFirst().first
      if id == tokens[.visionStart], second == tokens[.audioStart] {
        segments.append(
          .audioInVideo(
            grid(grids.video.removeFirst()), secondsPerGrid: seconds.removeFirst(),
            audioTokens: audioTokens()))
      } else if id == tokens[.visionStart], second == tokens[.video] {
        segments.append(
          .video(grid(grids.video.removeFirst()), secondsPerGrid: seconds.removeFirst()))
      } else if id == tokens[.visionStart] {
        segments.append(.image(grid(grids.image.removeFirst())))
      } else if id == tokens[.audioStart] {
        segments.append(.audio(tokens: audioTokens()))
      } else {
        segments.append(.text([id]))
        rest = rest.dropFirst()
        continue
      }
      let end = id == tokens[.visionStart] ? tokens[.visionEnd] : tokens[.audioEnd]
      rest = rest.drop { $0 != end }.dropFirst()
    }
    return PromptLayout(
      segments,
      .init(
        family: unit.family == "qwen3" ? Qwen3Omni() : Qwen25Omni(), tokens: tokens,
        positionsPerSecond: unit.position_id_per_seconds, secondsPerChunk: 2,
        encode: { _ in [] }))
  }

  private struct Resizes: Decodable {
    struct Unit: Decodable {
      let h, w, factor, min_pixels, max_pixels: Int
      let out: [Int]
    }

    let smart_resize: [Unit]
  }

  @Test func `frames are resized to the reference's sizes`() throws {
    for unit in try Fixtures.decode(Resizes.self, "units/units.json").smart_resize {
      let size = try #require(
        smartResize(
          height: unit.h, width: unit.w, factor: unit.factor,
          bounds: .init(least: unit.min_pixels, most: unit.max_pixels)))
      #expect([size.height, size.width] == unit.out, "\(unit.h)×\(unit.w)")
    }
  }
}
