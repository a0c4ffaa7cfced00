import OmniModel
import Testing

@testable import Runs

/// What `--lens auto` computes, decided from sizes alone.
@Suite struct `The plan of the lens` {
  private func cost(
    _ shape: String, tokens: Int, bytesPerWeight: Double = 2
  ) throws -> LensCost {
    let text = try #require(ModelShape(name: shape)).configuration().text
    return LensCost(
      text, tokensPerLayer: Array(repeating: tokens, count: text.layers),
      bytesPerWeight: bytesPerWeight)
  }

  @Test(arguments: ["3b", "7b", "30b", "vl-7b", "qwen3-vl-4b"], [16, 64, 256, 1024, 4096, 32768])
  func `auto never plans more than 2 % of the prefill`(_ shape: String, _ tokens: Int) throws {
    let cost = try cost(shape, tokens: tokens)
    let plan = LensPlan(.auto, cost)
    #expect(plan.share <= 0.02)
    #expect(plan == LensPlan(.auto, cost), "equal runs have equal lenses")
    // What was left out is said, and nothing else is.
    #expect(plan.notes.isEmpty == (plan.predictionLayers.count == cost.layers))
    // The last layer, which the others are compared with, is among the predicted ones.
    if let last = plan.predictionLayers.last { #expect(last == cost.layers) }
  }

  @Test func `longer prompts leave room for more of the lens`() throws {
    let plans = try [16, 64, 256, 1024, 4096, 32768].map {
      LensPlan(.auto, try cost("3b", tokens: $0))
    }
    let counts = plans.map(\.predictionLayers.count)
    #expect(counts == counts.sorted())
    #expect(counts.first == 0)
    #expect(counts.last == 36)
    #expect(plans.last?.isLive == true)
  }

  @Test func `summary and full compute all layers whatever they cost`() throws {
    let cost = try cost("3b", tokens: 16)
    for choice in [LensChoice.summary, .full] {
      let plan = LensPlan(choice, cost)
      #expect(plan.predictionLayers == Array(1...36))
      #expect(plan.hasAttention)
      #expect(plan.notes.isEmpty)
    }
    #expect(LensPlan(.full, cost).hasHeads)
    #expect(!LensPlan(.summary, cost).hasHeads)
    #expect(LensPlan(.off, cost).predictionLayers.isEmpty)
  }

  @Test func `the answer stands from the first layer after the last other token`() {
    func record(_ layer: Int, _ id: Int) -> LensRecord {
      LensRecord(
        layer: layer,
        prediction: .init(
          best: [.init(id: id, text: "", probability: 0.5)], entropy: 1, divergence: nil,
          cost: .init(milliseconds: 0, flops: 0)))
    }
    let records = [record(1, 7), record(2, 5), record(3, 7), record(4, 5), record(5, 5)]
    #expect(records.answerLayer(layers: 5) == 4)
    #expect(records.answerLayer(layers: 6) == nil)
    #expect([LensRecord]().answerLayer(layers: 5) == nil)
  }
}
