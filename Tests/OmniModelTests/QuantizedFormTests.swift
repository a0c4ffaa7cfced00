import Foundation
import TestSupport
import Testing

@testable import OmniModel

/// Rows of the table in docs/checkpoints.md that no public writer of today makes: changed copies of what
/// they made.
@Suite struct `Rare quantisation formats` {
  private final class Copy {
    let url: URL
    let expected: TensorArchive

    init(_ name: String) throws {
      let source = Fixtures.directory.appending(path: "quantised/decoders/" + name)
      url = FileManager.default.temporaryDirectory
        .appending(path: "seats-top-\(UUID().uuidString)")
      expected = try TensorArchive(source.appending(path: "expected.safetensors"))
      try FileManager.default.copyItem(at: source, to: url)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func tensors(_ change: (inout [String: SafetensorsCopy.Tensor]) throws -> Void) throws {
      let file = url.appending(path: "model.safetensors")
      var copy = try SafetensorsCopy(file)
      try change(&copy.tensors)
      try copy.write(to: file)
    }

    func read() throws -> [Float] {
      try Checkpoint(url.path).stored("model.a.weight", shape: expected.shape("model.a.weight"))
        .tensor().elements
    }

    func error() throws -> CheckpointError? {
      #expect(throws: CheckpointError.self) { try self.read() }
    }
  }

  private static func indices(_ values: [Int32]) -> SafetensorsCopy.Tensor {
    SafetensorsCopy.Tensor(
      type: "I32", shape: [values.count], bytes: values.withUnsafeBytes { Data($0) })
  }

  /// `weight_g_idx` of compressed-tensors before 0.20: the group of each input.
  @Test(arguments: [false, true])
  func `weight_g_idx maps input columns to quantisation groups`(isReversed: Bool) throws {
    let copy = try Copy("pack-int4-group-symmetric")
    let inputs = try copy.expected.shape("model.a.weight")[1]
    let groups = inputs / 32
    try copy.tensors { tensors in
      tensors["model.a.weight_g_idx"] = Self.indices(
        (0..<inputs).map { Int32(isReversed ? groups - 1 - $0 / 32 : $0 / 32) })
      guard isReversed, var scale = tensors["model.a.weight_scale"] else { return }
      // The scales of each output in the opposite order mean the same with it.
      let width = scale.bytes.count / scale.shape.reduce(1, *)
      var bytes = Data()
      for output in 0..<scale.shape[0] {
        for group in (0..<groups).reversed() {
          let start = scale.bytes.startIndex + (output * groups + group) * width
          bytes += scale.bytes[start..<start + width]
        }
      }
      scale.bytes = bytes
      tensors["model.a.weight_scale"] = scale
    }
    #expect(try copy.read() == copy.expected.floats("model.a.weight"))
  }

  @Test func `FP8 E5M2 weights are refused by name`() throws {
    let copy = try Copy("fp8-one-scale")
    try copy.tensors { $0["model.a.weight"]?.type = "F8_E5M2" }
    let text = "\(try #require(try copy.error()))"
    #expect(text.contains("F8_E5M2") && text.contains("model.a."), "\(text)")
  }

  @Test(arguments: ["int8-channel", "pack-int4-group-symmetric", "float8-channel"])
  func `calibrated but unquantised weights are refused`(name: String) throws {
    let copy = try Copy(name)
    let shape = try copy.expected.shape("model.a.weight")
    let plain = try copy.expected.floats("model.a.weight")
    try copy.tensors { tensors in
      for part in ["weight_packed", "weight_shape"] { tensors["model.a." + part] = nil }
      tensors["model.a.weight"] = SafetensorsCopy.Tensor(shape, plain)
    }
    guard case .quantized = try copy.error() else {
      Issue.record("\(name) was read, or refused for another reason")
      return
    }
  }
}
