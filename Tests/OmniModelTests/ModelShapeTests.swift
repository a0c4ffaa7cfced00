import Foundation
import Tensors
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

  /// SplitMix64 by its definition: four numbers of 12 bits from each place.
  private static func reference(
    _ name: String, _ seed: UInt64, _ spread: Float, _ index: Int
  ) -> Float {
    let hash = name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    let stream = seed ^ hash
    var z = (stream &+ UInt64(index / 4 * 4)) &* 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    let level = (z ^ (z >> 31)) >> UInt64(16 * (index % 4)) & 4095
    let value = spread * Float(3).squareRoot() * ((Float(level) + 0.5) / 2048 - 1)
    return Float(bitPattern: value.bitPattern & 0xffff_0000)
  }

  @Test func `any part of a random tensor has the numbers of the whole`() throws {
    let (name, shape) = ("model.layers.7.mlp.up_proj.weight", [300, 401])
    let spread = 1 / Float(401).squareRoot()
    let stored = StoredTensor(
      shape: shape, type: .bfloat16, place: .random(RandomWeights(seed: 5), name: name))
    let whole = (0..<300 * 401).map { Self.reference(name, 5, spread, $0) }
    #expect(stored.tensor().elements == whole)
    for range in [0..<1, 3..<5, 1..<700, 255..<257, 120_000..<120_300] {
      #expect(stored.numbers(range) == Array(whole[range]), "\(range)")
    }
    let packed = try PackedMatrix(roomFor: 300, inputs: 401)
    stored.fill(packed)
    let same = try PackedMatrix(Tensor(shape, whole))
    #expect(packed.withBytes { Array($0) } == same.withBytes { Array($0) })
  }

  @Test func `rows of random weights equal those of the whole tensor`() {
    let stored = StoredTensor(
      shape: [30, 7], type: .bfloat16, place: .random(RandomWeights(seed: 3), name: "weight"))
    #expect(stored.rows([29, 0, 13]) == stored.tensor().gatherRows([29, 0, 13]))
  }

  @Test func `the memory estimate depends on the precision`() throws {
    #expect(ModelMemoryEstimate(parameters: 1000, .single).weights == 4000)
    #expect(ModelMemoryEstimate(parameters: .max, .bfloat16).weights == .max)
  }
}
