import Foundation
import Selection
import TestSupport
import Testing

@testable import OmniModel

/// Predictions and attention of the next token in every layer against transformers, within the
/// tolerances of the golden runs: logits 10⁻³, relevance (attention) 2·10⁻⁵ + 10⁻³.
@Suite struct `Golden lens` {
  struct Layer: Decodable {
    let best: [[Double]]
    let entropy, kl: Double
    /// Shares of text, image, video and audio of each head.
    let heads: [[Double]]
  }

  private static func expected(_ name: String) throws -> [String: [Layer]] {
    let file = Fixtures.directory.appending(path: "lens/expected.json")
    let all = try JSONDecoder().decode(
      [String: [String: [Layer]]].self, from: Data(contentsOf: file))
    return try #require(all[name])
  }

  @Test(arguments: GoldenCase.names)
  func `predictions and attention equal the reference with full tokens and with SEATS`(
    _ name: String
  ) throws {
    let golden = try GoldenCase(name)
    let thinker = try golden.thinker()
    let prompt = try Prompt(golden.clip(), for: thinker)
    let expected = try Self.expected(name)
    #expect(expected.count > 1)
    for (tag, layers) in expected {
      var plan = SelectionPlan.full
      if tag != "full" {
        let run = try #require(golden.runs[tag])
        plan = run.settings(for: thinker).plan(
          for: prompt.shape(layers: thinker.configuration.text.layers))
      }
      var prefill = Prefill(prompt, thinker: thinker, plan: plan)
      while try prefill.advance(Cancellation()) != nil {}
      try expectLens(prefill, layers, "\(name) \(tag)")
    }
  }

  private func expectLens(_ prefill: Prefill, _ layers: [Layer], _ name: String) throws {
    let all = Array(1...prefill.layerCount)
    #expect(layers.count == all.count)
    let found = try #require(
      try prefill.predictions(afterLayers: all, best: layers[0].best.count, Cancellation()))
    for (layer, expected) in zip(all, layers) {
      let place = Comment(rawValue: "\(name), layer \(layer)")
      let own = try #require(found.value[layer - 1])
      // Logits within 10⁻³ change a probability by at most 0.2 %.
      #expect(own.best.map(\.id) == expected.best.map { Int($0[0]) }, place)
      for (candidate, best) in zip(own.best, expected.best) {
        #expect(abs(candidate.probability - best[1]) <= 2e-3 * best[1], place)
      }
      #expect(abs(own.entropy - expected.entropy) <= 2e-3, place)
      #expect(abs(try #require(own.divergence) - expected.kl) <= 2e-3, place)
      let heads = try #require(
        try prefill.attentionByModality(inLayer: layer, Cancellation())?.value)
      #expect(heads.count == expected.heads.count, place)
      for (head, shares) in zip(heads, expected.heads) {
        let miss = zip([head.text, head.image, head.video, head.audio], shares)
          .map { abs($0 - $1) - 1e-3 * abs($1) }.max()
        #expect(try #require(miss) <= 2e-5, place)
      }
    }
  }

  @Test(arguments: ["qwen2_5_av", "qwen3_av"], [ComputeChoice.f32, .bf16, .int8])
  func `a prediction does not depend on those it is made with`(
    _ name: String, _ compute: ComputeChoice
  ) throws {
    let golden = try GoldenCase(name)
    let thinker = try golden.thinker(compute)
    var prefill = Prefill(try Prompt(golden.clip(), for: thinker), thinker: thinker, plan: .full)
    for _ in 0..<8 { try prefill.advance(Cancellation()) }
    let alone = try (1...6).map { layer in
      try #require(try prefill.predictions(afterLayers: [layer], best: 5, Cancellation())).value[0]
    }
    let together = try #require(
      try prefill.predictions(afterLayers: Array(1...6), best: 5, Cancellation()))
    #expect(together.value == alone)
    #expect(alone.allSatisfy { $0?.divergence == nil })
    while try prefill.advance(Cancellation()) != nil {}
    let last = try #require(
      try prefill.predictions(afterLayers: [prefill.layerCount], best: 5, Cancellation()))
    let own = try #require(last.value[0])
    #expect(own.divergence == 0)
    #expect(own.best.map(\.id) == prefill.logits.topIndices(5))
    let again = try #require(try prefill.predictions(afterLayers: [3], best: 5, Cancellation()))
    var third = try #require(again.value[0])
    third.divergence = nil
    #expect(third == alone[2])
  }

  @Test func `attention of one head covers the tokens that entered the layer`() throws {
    let golden = try GoldenCase("qwen2_5_av")
    let thinker = try golden.thinker()
    let prompt = try Prompt(golden.clip(), for: thinker)
    var prefill = Prefill(prompt, thinker: thinker, plan: .full)
    for _ in 0..<6 { try prefill.advance(Cancellation()) }
    let heads = try #require(try prefill.attentionByModality(inLayer: 3, Cancellation())).value
    for (index, head) in heads.enumerated() {
      let map = try #require(
        try prefill.attentionWeights(inLayer: 3, head: index, Cancellation()))
      #expect(map.positions == Array(prompt.modalities.indices))
      let video = zip(map.positions, map.weights).filter { prompt.modalities[$0.0] == .video }
      #expect(abs(Double(video.reduce(0) { $0 + $1.1 }) - head.video) < 1e-6)
      #expect(abs(map.weights.reduce(0, +) - 1) < 1e-5)
    }
    #expect(try prefill.attentionWeights(inLayer: 3, head: 99, Cancellation()) == nil)
  }

  @Test func `relevance after a drop layer is that of the drop`() throws {
    let golden = try GoldenCase("qwen2_5_av")
    let thinker = try golden.thinker()
    let prompt = try Prompt(golden.clip(), for: thinker)
    let tag = try #require(golden.runs.first { !$0.value.drops.isEmpty }?.key)
    let run = try #require(golden.runs[tag])
    let plan = run.settings(for: thinker).plan(
      for: prompt.shape(layers: thinker.configuration.text.layers))
    var prefill = Prefill(prompt, thinker: thinker, plan: plan)
    while try prefill.advance(Cancellation()) != nil {}
    let layer = run.drops[0].after_layer_1based
    let drop = try #require(prefill.outcomes[layer + 1].drop)
    let found = try #require(try prefill.relevance(afterLayer: layer, Cancellation()))
    #expect(found.positions == drop.before)
    #expect(found.scores == drop.scores)
  }
}
