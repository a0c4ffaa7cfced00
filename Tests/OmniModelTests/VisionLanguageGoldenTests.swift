// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Fixtures keep the spelling of their keys.

import Foundation
import Selection
import Tensors
import TestSupport
import Testing

@testable import OmniModel

/// `Fixtures/vl`, or the folder that `SEATS_TOP_VL_GOLDEN` names: what transformers makes of pictures and
/// videos with small vision-language checkpoints, of whatever cases the folder lists. Tolerances are those
/// of the other golden runs.
@Suite struct `Vision-language golden runs` {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let checkpoint, name: String
    let system: String?
    let parts: [Part]

    var testDescription: String { "\(name) by \(checkpoint)" }

    /// A text, a picture or a video.
    enum Part: Decodable, Sendable {
      case text(String)
      case image([Int])
      case video([Int], times: [Double], secondsPerGrid: Double)

      private enum Keys: CodingKey { case image, video, indices, rate, second_per_grid }

      init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
          self = .text(text)
          return
        }
        let keys = try decoder.container(keyedBy: Keys.self)
        if let image = try keys.decodeIfPresent([Int].self, forKey: .image) {
          self = .image(image)
          return
        }
        let rate = try keys.decode(Double.self, forKey: .rate)
        self = .video(
          try keys.decode([Int].self, forKey: .video),
          times: try keys.decode([Int].self, forKey: .indices).map { Double($0) / rate },
          secondsPerGrid: try keys.decode(Double.self, forKey: .second_per_grid))
      }
    }

    /// The same formula as in the script that made the fixtures.
    private static func picture(_ height: Int, _ width: Int, _ seed: Int) -> [UInt8] {
      var pixels: [UInt8] = []
      for y in 0..<height {
        for x in 0..<width {
          for c in 0..<3 {
            let level = x * (3 + seed % 5) + y * (5 + seed % 7) + c * 71 + (x * y) / 3 + seed * 37
            pixels.append(UInt8(level % 256))
          }
        }
      }
      return pixels
    }

    var conversation: Conversation {
      let content = parts.map { part -> Conversation.Part in
        switch part {
        case .text(let text): return .text(text)
        case .image(let size):
          let pixels = Self.picture(size[0], size[1], size[2])
          return .clip(
            ClipInput(
              question: "", image: PixelFrames([pixels], height: size[0], width: size[1])))
        case .video(let size, let times, let seconds):
          let frames = (0..<size[0]).map { Self.picture(size[1], size[2], size[3] + 10 * $0) }
          var clip = ClipInput(
            question: "", video: PixelFrames(frames, height: size[1], width: size[2]),
            secondsPerGrid: seconds)
          clip.frameTimes = times
          return .clip(clip)
        }
      }
      let turns = system.map { [Conversation.Turn(.system, [.text($0)])] } ?? []
      return Conversation(turns + [.init(.user, content)])
    }
  }

  static let folder =
    ProcessInfo.processInfo.environment["SEATS_TOP_VL_GOLDEN"].map {
      URL(filePath: $0, directoryHint: .isDirectory)
    } ?? Fixtures.directory.appending(path: "vl")

  private static func listed() throws -> [Case] {
    try JSONDecoder().decode(
      [Case].self, from: Data(contentsOf: folder.appending(path: "cases.json")))
  }

  /// No case where the list cannot be read: the first test says so.
  static let cases = (try? listed()) ?? []

  private let expected: TensorArchive

  init() throws {
    expected = try TensorArchive(Self.folder.appending(path: "expected.safetensors"))
  }

  @Test func `the list of vision-language golden cases is not empty`() throws {
    #expect(try !Self.listed().isEmpty)
  }

  private func thinker(_ one: Case) throws -> Thinker {
    try Thinker(directory: Self.folder.appending(path: one.checkpoint).path)
  }

  @Test(arguments: cases)
  func `vision-language runs equal the reference in every stage`(_ one: Case) throws {
    let thinker = try thinker(one)
    #expect(!thinker.facts.contains { $0.isWarning }, "\(thinker.facts)")
    let prompt = try Prompt(one.conversation, for: thinker)
    #expect(try prompt.ids == expected.integers(one.name + ".ids"))
    let positions = (0..<3).flatMap { axis in prompt.layout.positions.map { $0[axis] } }
    #expect(try positions == expected.floats(one.name + ".positions"))
    let count = try expected.integers(one.name + ".ids").count
    try #require(prompt.ids.count == count)

    var prefill = Prefill(prompt, thinker: thinker, plan: .full)
    while try prefill.advance(Cancellation()) != nil {}
    let media = try #require(prefill.encoded).media
    try expectEncoders(media.clips.compactMap(\.video), one.name + ".video")
    try expectEncoders(media.clips.compactMap(\.image), one.name + ".image")
    let rows = try expected.integers(one.name + ".rows")
    let levels = thinker.configuration.vision.design.levels.count
    for layer in 1...prefill.layerCount {
      let states = try expected.floats(one.name + ".hidden.\(layer - 1)")
      var hidden = try prefill.hiddenRows(afterLayer: layer)
      if layer <= levels { try takeDeepstack(layer, prompt, media, from: &hidden) }
      let found = hidden.gatherRows(rows).elements
      let miss = worstMiss(found, states, absolute: 2e-3, relative: 1e-3)
      #expect(miss <= 0, "layer \(layer)")
    }
    let logits = try expected.floats(one.name + ".logits")
    #expect(worstMiss(prefill.logits, logits, absolute: 1e-3) <= 0)
    var decoding = Decoding(prefill)
    let generated = try expected.integers(one.name + ".generated").count
    let answer = try (0..<generated).map { _ in try decoding.next() }
    #expect(try answer == expected.integers(one.name + ".generated"))
  }

  /// The reference's states are from before the features of inner blocks are added.
  private func takeDeepstack(
    _ layer: Int, _ prompt: Prompt, _ media: EncodedMedia, from hidden: inout Tensor
  ) throws {
    for (row, source) in prompt.layout.sources.enumerated() {
      guard let clip = prompt.layout.clips[row],
        let (encoded, token) = media.clips[clip].modality(of: source)
      else { continue }
      let features = encoded.deepstack[layer - 1].rows(token..<token + 1)
      hidden.addRows(Tensor(features.shape, features.elements.map { -$0 }), to: [row])
    }
  }

  private func expectEncoders(_ encoded: [EncodedModality], _ name: String) throws {
    guard !encoded.isEmpty else {
      #expect(!expected.has(name))
      return
    }
    let features = encoded.flatMap(\.features.elements)
    let values = try expected.floats(name)
    #expect(worstMiss(features, values, absolute: 1e-4, relative: 1e-4) <= 0, "\(name)")
    for level in encoded[0].deepstack.indices {
      let values = try expected.floats("\(name).level\(level)")
      let found = encoded.flatMap { $0.deepstack[level].elements }
      #expect(worstMiss(found, values, absolute: 1e-4, relative: 1e-4) <= 0, "\(name) \(level)")
    }
  }

  /// A directory saved by transformers 5 stands beside the one it was made of, as `NAME-5`.
  @Test(arguments: cases.filter { $0.checkpoint.hasSuffix("-5") })
  func `vision-language runs are bit-identical in transformers 5 layout`(_ one: Case) throws {
    let older = URL(filePath: String(one.checkpoint.dropLast(2))).lastPathComponent
    let runs = try [one.checkpoint, older].map { name -> (Prompt, [Float]) in
      let thinker = try Thinker(directory: Self.folder.appending(path: name).path)
      let prompt = try Prompt(one.conversation, for: thinker)
      var prefill = Prefill(prompt, thinker: thinker, plan: .full)
      while try prefill.advance(Cancellation()) != nil {}
      return (prompt, prefill.logits)
    }
    #expect(runs[0].0.ids == runs[1].0.ids && runs[0].1 == runs[1].1)
    #expect(runs[0].0.contentHash == runs[1].0.contentHash)
  }
}
