import Foundation
import Tensors
import Testing

@testable import RemoteEngine

@Suite struct `Engine frames` {
  private func read(_ bytes: Data) throws -> EngineFrame {
    var bytes = bytes
    return try #require(try EngineFrame.first(of: &bytes))
  }

  @Test func `frames are taken one by one, each when it is complete`() throws {
    let one = try #require(EngineFrame.bytes(["n": .number(1)], [("a", EngineTensor([4, 5]))]))
    let two = try #require(EngineFrame.bytes(["n": .number(2)], []))
    var bytes = Data()
    var taken: [Int] = []
    for byte in one + two {
      bytes.append(byte)
      while let frame = try EngineFrame.first(of: &bytes) {
        taken.append(frame["n"]?.integer ?? 0)
        #expect(bytes.isEmpty)
      }
    }
    #expect(taken == [1, 2])
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

  @Test func `numbers of 16 bits are read as they are`() {
    func floats(_ kind: EngineTensor.Kind, _ words: [UInt16]) -> [Float]? {
      EngineTensor(kind: kind, shape: [words.count], bytes: words.withUnsafeBytes { Data($0) })
        .floats
    }
    #expect(floats(.bf16, [0x3F80, 0xC020, 0x0000]) == [1, -2.5, 0])
    #expect(floats(.f16, [0x3C00, 0xC100, 0x0001]) == [1, -2.5, 0x1p-24])
    #expect(floats(.u8, [1]) == nil)
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
