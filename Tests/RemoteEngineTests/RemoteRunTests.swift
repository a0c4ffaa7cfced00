import Foundation
import Selection
import TestSupport
import Testing

@testable import OmniModel
@testable import RemoteEngine

/// Runs over the protocol against runs in this process, with the same weights.
@Suite struct `Runs of an engine elsewhere` {
  static let names = ["qwen2_5_av", "qwen2_5_video_only", "qwen2_5_audio_only", "qwen3_av"]

  private func finish(_ prefill: inout Prefill) throws -> [Int] {
    try EnginePair.answer(&prefill, 6)
  }

  private func expectEqual(_ here: Prefill, _ there: Prefill) {
    #expect(here.survivors == there.survivors)
    #expect(here.logits == there.logits)
    #expect(here.outcomes.map(\.drop) == there.outcomes.map(\.drop))
    #expect(here.outcomes.map(\.executedFlops) == there.outcomes.map(\.executedFlops))
    #expect(here.outcomes.map(\.selectionFlops) == there.outcomes.map(\.selectionFlops))
    #expect(here.keyValueBytes == there.keyValueBytes)
  }

  @Test(arguments: names)
  func `the prompt is prepared from the files that the engine sends`(_ name: String) throws {
    let pair = try EnginePair(name)
    #expect(pair.prompt.ids == pair.other.ids)
    #expect(pair.prompt.contentHash == pair.other.contentHash)
    #expect(pair.there.computeName == "float32")
    #expect(pair.there.engineName == "test device, torch 1.2, transformers 3.4, float32")
    #expect(pair.there.directory == "scripted/model" && pair.here.engineName == nil)
    #expect(try pair.there.fingerprint().tokenizer == pair.here.fingerprint().tokenizer)
  }

  @Test(arguments: names)
  func `every method gives the same survivors, logits, costs and answer`(_ name: String) throws {
    let pair = try EnginePair(name)
    for method in SelectionMethod.allCases {
      var (here, there) = pair.prefill(pair.plan(method))
      #expect(try finish(&here) == finish(&there), "\(method.rawValue)")
      expectEqual(here, there)
    }
  }

  @Test func `going back, and on with other settings, gives what a fresh run gives`() throws {
    let pair = try EnginePair("qwen2_5_av")
    var (here, there) = pair.prefill(pair.plan(.seats))
    _ = try (finish(&here), finish(&there))
    for method in [SelectionMethod.fastv, .full, .visionzip, .seats] {
      here.apply(pair.plan(method))
      there.apply(pair.plan(method))
      here.rewind(toSteps: 7)
      there.rewind(toSteps: 7)
      #expect(try finish(&here) == finish(&there))
      expectEqual(here, there)
    }
  }

  @Test func `hidden states beyond the limit are computed again`() throws {
    let pair = try EnginePair("qwen3_av")
    var (here, there) = pair.prefill(pair.plan(.seats), snapshotBytes: 0)
    _ = try (finish(&here), finish(&there))
    here.rewind(toSteps: 5)
    there.rewind(toSteps: 5)
    #expect(try finish(&here) == finish(&there))
    expectEqual(here, there)
  }

  @Test(arguments: names)
  func `the lens shows what it shows in this process`(_ name: String) throws {
    let pair = try EnginePair(name)
    var (here, there) = pair.prefill(pair.plan(.seats))
    _ = try (finish(&here), finish(&there))
    let all = Array(1...here.layerCount)
    let own = try #require(try here.predictions(afterLayers: all, best: 3, Cancellation()))
    let others = try #require(try there.predictions(afterLayers: all, best: 3, Cancellation()))
    #expect(others.seconds == 0.002 && others.flops == own.flops)
    for (own, other) in zip(own.value, others.value) {
      let (own, other) = (try #require(own), try #require(other))
      #expect(own.best.map(\.id) == other.best.map(\.id))
      #expect(zip(own.best, other.best).allSatisfy { abs($0.probability - $1.probability) < 1e-6 })
      #expect(abs(own.entropy - other.entropy) < 1e-5)
      #expect(abs((own.divergence ?? 9) - (other.divergence ?? -9)) < 1e-5)
    }
    for layer in all {
      let own = try #require(try here.attentionByModality(inLayer: layer, Cancellation()))
      let other = try #require(try there.attentionByModality(inLayer: layer, Cancellation()))
      #expect(own.value == other.value && own.flops == other.flops)
      let head = try #require(try here.attentionWeights(inLayer: layer, head: 0, Cancellation()))
      let same = try #require(try there.attentionWeights(inLayer: layer, head: 0, Cancellation()))
      #expect(head.positions == same.positions && head.weights == same.weights)
    }
  }

  @Test func `times are the engine's own`() throws {
    let pair = try EnginePair("qwen2_5_av")
    var (_, there) = pair.prefill(.full)
    while try there.advance(Cancellation()) != nil {}
    #expect(
      there.outcomes.dropFirst(2).dropLast().allSatisfy { abs($0.computeSeconds - 0.005) < 1e-9 })
    #expect(there.outcomes[0].visionSeconds == 0.0015 && there.outcomes[0].audioSeconds == 0.0015)
  }

  @Test func `states that nothing refers to are released`() throws {
    let pair = try EnginePair("qwen2_5_av")
    var (_, there) = pair.prefill(pair.plan(.seats))
    while try there.advance(Cancellation()) != nil {}
    let output = try #require(there.layers.last?.output.keyValues.value(as: RemoteKeys.self).state)
    let number = output.number
    there.rewind(toSteps: 3)
    _ = try there.advance(Cancellation())
    #expect(throws: EngineFault.self) {
      // The engine has it still, by another name here: only a released one is refused.
      _ = try pair.link.ask("release", ["release": .list([.number(number)])])
      _ = try pair.link.ask("rows", ["input": .number(number)])
    }
  }
}
