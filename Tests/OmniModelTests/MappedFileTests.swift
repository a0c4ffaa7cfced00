import Basics
import Foundation
import TestSupport
import Testing

@testable import OmniModel
@testable import Tensors

/// Files of weights where the address space is limited: parts are mapped while they are used.
@Suite(.serialized) struct `Files mapped in parts` {
  private func inParts<Result>(_ body: () throws -> Result) throws -> Result {
    MappedFile.alwaysInParts.store(true, ordering: .relaxed)
    defer { MappedFile.alwaysInParts.store(false, ordering: .relaxed) }
    return try body()
  }

  /// A path where a file or directory may be created; removed at the end.
  private func withPath(_ body: (String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url.path)
  }

  /// A file of 100 000 different bytes.
  private func withFile(_ body: (String, Data) throws -> Void) throws {
    try withPath { path in
      let bytes = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) })
      try bytes.write(to: URL(filePath: path))
      try body(path, bytes)
    }
  }

  @Test func `every range has the bytes of the file`() throws {
    try withFile { path, bytes in
      let (whole, parts) = (try MappedFile(path), try inParts { try MappedFile(path) })
      for range in [0..<0, 0..<1, 4095..<4097, 4096..<8192, 50_001..<99_999, 0..<100_000] {
        for file in [whole, parts] {
          file.populate(range)
          #expect(file.withBytes(range) { Data($0) } == bytes[range], "\(range)")
          let (one, two) = (try file.view(range), try file.view(range))
          file.release(range)
          #expect(Data(one.bytes) == bytes[range] && Data(two.bytes) == bytes[range])
        }
      }
    }
  }

  @Test func `the address space of a part is returned after its use`() throws {
    try withPath { path in
      let bytes = 4 << 30
      try Data().write(to: URL(filePath: path))
      #expect(truncate(path, off_t(bytes)) == 0)
      let before = try #require(MachineMemory.addressSpace)
      let file = try inParts { try MappedFile(path) }
      func taken() throws -> Int { try #require(MachineMemory.addressSpace) - before }
      #expect(try taken() < bytes / 2)
      var view: FileView? = try file.view(0..<bytes)
      #expect(view?.bytes.count == bytes)
      #expect(try taken() > bytes / 2)
      view = nil
      #expect(try taken() < bytes / 2)
    }
  }

  /// The logits of a prefill.
  private func logits(
    _ name: String, _ memory: MemoryBound?, _ cache: PackedCache? = nil
  ) throws -> [Float] {
    let golden = try GoldenCase(name)
    let thinker = try Thinker(
      directory: Fixtures.golden.appending(path: name + "/checkpoint").path, compute: .bf16,
      cache: cache, memory: memory)
    var prefill = Prefill(try Prompt(golden.clip(), for: thinker), thinker: thinker, plan: .full)
    while try prefill.advance(Cancellation()) != nil {}
    return prefill.logits
  }

  @Test(arguments: ["qwen2_5_av", "qwen3_av"])
  func `models give bit-identical results, streamed or not, packed or not`(_ name: String) throws {
    let expected = try logits(name, nil)
    try withPath { path in
      let cache = PackedCache(directory: path)
      try inParts { () throws in
        for memory in [nil, MemoryBound.weights(300_000)] {
          #expect(try logits(name, memory) == expected)
        }
        for memory in [nil, nil, MemoryBound.weights(300_000)] {
          #expect(try logits(name, memory, cache) == expected)
        }
      }
    }
  }

  @Test func `quantised checkpoints and adapters give bit-identical results`() throws {
    for name in QuantizedRun.quantised.prefix(3) {
      let run = try QuantizedRun(name)
      try run.whole { directory in
        func answer() throws -> [Float] {
          try run.answer(Thinker(directory: directory.path, compute: .bf16)).logits
        }
        let (expected, found) = (try answer(), try inParts(answer))
        #expect(found == expected, "\(name)")
      }
    }
    for name in QuantizedRun.adapted.prefix(1) {
      let run = try QuantizedRun(name)
      func answer() throws -> [Float] {
        try run.answer(
          Thinker(directory: run.url.path, base: run.checkpoint, compute: .bf16)
        ).logits
      }
      let (expected, found) = (try answer(), try inParts(answer))
      #expect(found == expected, "\(name)")
    }
  }
}
