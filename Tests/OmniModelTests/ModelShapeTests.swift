import Foundation
import TestSupport
import Testing

@testable import OmniModel

/// Sizes of models: counted, named, and made up.
@Suite struct `Model shapes` {
  @Test(arguments: GoldenCase.names)
  func `parameter counts are computed from the configuration`(_ name: String) throws {
    let directory = Fixtures.golden.appending(path: name + "/checkpoint").path
    let configuration = try OmniConfiguration(directory: directory)
    let checkpoint = try Checkpoint(directory)
    let unread = try Self.unreadParameters(directory)
    #expect(configuration.parameters == checkpoint.content.parameters - unread)
  }

  /// Qwen2.5-Omni's audio tower carries a table that nothing reads.
  private static func unreadParameters(_ directory: String) throws -> Int {
    let files = try FileManager.default.contentsOfDirectory(atPath: directory)
    return try files.filter { $0.hasSuffix(".safetensors") }.reduce(0) { sum, file in
      let archive = try TensorArchive(URL(filePath: directory).appending(path: file))
      let name = "thinker.audio_tower.audio_bos_eos_token.weight"
      return sum + (archive.has(name) ? try archive.shape(name).reduce(1, *) : 0)
    }
  }

  @Test func `published shapes have the published parameter counts`() throws {
    let billions = try ModelShape.allCases.map { try $0.configuration().parameters }
      .map { (Double($0) / 1e8).rounded() / 10 }
    #expect(billions == [4.7, 8.9, 31.7, 3.8, 8.3, 4.4, 8.8])
  }

  @Test(arguments: [
    ("qwen2.5-omni-3b", ModelShape.qwen25Omni3B), ("7b", .qwen25Omni7B), ("7B", .qwen25Omni7B),
    ("30b", .qwen3Omni30B), ("30b-a3b", .qwen3Omni30B), ("3b", .qwen25Omni3B),
    ("vl-7b", .qwen25VL7B), ("qwen3-vl-4b", .qwen3VL4B), ("8b", .qwen3VL8B),
    ("a3b", nil), ("omni", nil), ("", nil), ("13b", nil),
  ])
  func `model shapes are found by name or size`(_ name: String, _ shape: ModelShape?) {
    #expect(ModelShape(name: name) == shape)
  }

  @Test func `a model shape can have fewer layers, not more`() throws {
    #expect(try ModelShape.qwen25Omni3B.configuration(layers: 4).text.layers == 4)
    #expect(try ModelShape.qwen25Omni3B.configuration(layers: 99).text.layers == 36)
  }

  @Test func `random weights depend only on seed and tensor name`() {
    func numbers(_ seed: UInt64, _ name: String) -> [Float] {
      StoredTensor(
        shape: [300, 400], type: .bfloat16, place: .random(RandomWeights(seed: seed), name: name)
      ).tensor().elements
    }
    let some = numbers(1, "a.weight")
    #expect(some == numbers(1, "a.weight"))
    #expect(some != numbers(2, "a.weight") && some != numbers(1, "b.weight"))
    let mean = some.reduce(0, +) / Float(some.count)
    let variance = some.reduce(0) { $0 + $1 * $1 } / Float(some.count)
    #expect(abs(mean) < 0.001 && abs(variance * 400 - 1) < 0.02)
    #expect(numbers(1, "model.norm.weight").allSatisfy { $0 == 1 })
    #expect(numbers(1, "q_proj.bias").allSatisfy { $0 == 0 })
  }

  @Test func `rows of random weights equal those of the whole tensor`() {
    let stored = StoredTensor(
      shape: [30, 7], type: .bfloat16, place: .random(RandomWeights(seed: 3), name: "weight"))
    #expect(stored.rows([29, 0, 13]) == stored.tensor().gatherRows([29, 0, 13]))
  }

  @Test func `a model that does not fit is refused before it is loaded`() throws {
    let forecast = ModelMemoryEstimate(parameters: 1000, .single)
    try forecast.check("m", available: 4000)
    try forecast.check("m", available: nil)
    #expect(throws: CheckpointError.tooLarge(path: "m", required: 4000, available: 3999)) {
      try forecast.check("m", available: 3999)
    }
    #expect(ModelMemoryEstimate(parameters: .max, .bfloat16).weights == .max)
  }
}
