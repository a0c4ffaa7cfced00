import Foundation
import Tensors
import TestSupport
import Testing

@testable import OmniModel

/// Matrices that public writers quantised, against what the public decoders make of them:
/// Tests/Fixtures/quantised/decoders.py says which.
@Suite struct `Quantised matrices` {
  private static let directory = Fixtures.directory.appending(path: "quantised/decoders")

  static let names =
    ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []).sorted()

  @Test func `every quantisation scheme has a test case`() {
    #expect(Self.names.count >= 30)
  }

  @Test(arguments: names)
  func `quantised matrices decode like the reference decoder`(_ name: String) throws {
    let directory = Self.directory.appending(path: name)
    let checkpoint = try Checkpoint(directory.path)
    let expected = try TensorArchive(directory.appending(path: "expected.safetensors"))
    for tensor in expected.names {
      let shape = try expected.shape(tensor)
      let stored = try checkpoint.stored(tensor, shape: shape)
      guard case .made = stored.place else {
        Issue.record("\(tensor) is not decoded")
        continue
      }
      #expect(try stored.tensor().elements == expected.floats(tensor), "\(tensor)")
      #expect(
        try stored.rows([shape[0] - 1]).elements
          == Array(expected.floats(tensor).suffix(shape[1])), "last row of \(tensor)")
    }
    let content = checkpoint.content
    let count = try expected.names.reduce(0) { $0 + (try expected.shape($1)).reduce(1, *) }
    #expect(content.parameters == count)
  }

  @Test(arguments: names)
  func `quantised matrices are packed like their decoded values`(_ name: String) throws {
    let directory = Self.directory.appending(path: name)
    let checkpoint = try Checkpoint(directory.path)
    let expected = try TensorArchive(directory.appending(path: "expected.safetensors"))
    for tensor in expected.names {
      let shape = try expected.shape(tensor)
      let stored = try checkpoint.stored(tensor, shape: shape)
      let plain = Tensor(shape, try expected.floats(tensor))
      let packed = try PackedMatrix(roomFor: shape[0], inputs: shape[1])
      stored.fill(packed)
      let wanted = try PackedMatrix(plain)
      #expect(packed.withBytes { Array($0) } == wanted.withBytes { Array($0) }, "\(tensor)")
      let rows = Activations(
        Tensor([2, shape[1]], (0..<2 * shape[1]).map { Float($0 % 7) - 3 }), .int8)
      let small = try QuantizedMatrix(roomFor: shape[0], inputs: shape[1])
      stored.fill(small)
      #expect(
        PackedWeights.quantized(small).times(rows, bias: nil)
          == PackedWeights.quantized(try QuantizedMatrix(plain)).times(rows, bias: nil),
        "\(tensor)")
    }
  }
}
