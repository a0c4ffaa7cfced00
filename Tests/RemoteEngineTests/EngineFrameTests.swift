import Foundation
import Tensors
import Testing

@testable import RemoteEngine

@Suite struct `Engine frames` {
  private func read(_ bytes: Data) throws -> EngineFrame {
    let lengths = try EngineFrame.lengths(bytes)
    let middle = EngineFrame.prefix + lengths.header
    return try EngineFrame(
      header: Data(bytes[EngineFrame.prefix..<middle]),
      payload: Data(bytes[middle..<middle + lengths.payload]))
  }

  @Test func `a frame is read as it was written`() throws {
    let tensor = Tensor([2, 2], [1, -0.5, 3e38, 0])
    let bytes = try #require(
      EngineFrame.bytes(
        ["op": .text("x"), "n": .number(7)],
        [
          ("a", EngineTensor(tensor)), ("rows", EngineTensor([0, 70_000])),
          ("none", EngineTensor([])),
        ]))
    let frame = try read(bytes)
    #expect(frame["op"]?.string == "x" && frame["n"]?.integer == 7)
    #expect(try frame.matrix("a", columns: 2, rows: 2) == tensor)
    #expect(frame.tensors["rows"]?.indices == [0, 70_000])
    #expect(frame.tensors["none"]?.indices == [])
  }

  @Test func `halves are rounded to even in bfloat16`() {
    let values: [Float] = [1, 1.00390625, 1.01171875, -2.5]
    let tensor = EngineTensor(bfloat16: Tensor([4], values))
    let words = tensor.bytes.withUnsafeBytes { Array($0.bindMemory(to: UInt16.self)) }
    #expect(words == [0x3F80, 0x3F80, 0x3F82, 0xC020])
  }

  @Test(arguments: [
    [UInt8](repeating: 255, count: 12), [1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 1, 0, 0, 128, 0, 0, 0, 0],
  ])
  func `lengths beyond the bounds are refused before anything is read`(_ bytes: [UInt8]) {
    #expect(throws: EngineFrameFault.self) { try EngineFrame.lengths(bytes) }
  }

  @Test(arguments: [
    "[]", "{", "1", "{\"tensors\":1}", "{\"tensors\":[[1,\"u8\",[4]]]}",
    "{\"tensors\":[[\"a\",\"u8\",[3]]]}", "{\"tensors\":[[\"a\",\"u8\",[5]]]}",
    "{\"tensors\":[[\"a\",\"f64\",[1]]]}", "{\"tensors\":[[\"a\",\"f32\",[-1]]]}",
    "{\"tensors\":[[\"a\",\"f32\",[4611686018427387904,4611686018427387904]]]}",
    "{\"tensors\":[[\"a\",\"u8\",[2]],[\"a\",\"u8\",[2]]]}", "{\"tensors\":[[\"a\",\"u8\"]]}",
    "{\"tensors\":[[\"a\",\"u8\",[1,1,1,1,1,1,1,1,4]]]}", "{\"tensors\":[[\"a\",\"u8\",[1.5]]]}",
    "{}",
  ])
  func `headers that do not fit their payload are refused`(_ header: String) {
    #expect(throws: EngineFrameFault.self) {
      try EngineFrame(header: Data(header.utf8), payload: Data([1, 2, 3, 4]))
    }
  }
}
