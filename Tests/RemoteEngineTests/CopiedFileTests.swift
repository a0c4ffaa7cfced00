import Foundation
import Testing

@testable import OmniModel
@testable import RemoteEngine

@Suite struct `Files of an engine's side` {
  private func model() throws -> (RemoteModel, EngineLink) {
    let link = try EngineLink(
      command: ScriptedProcess.command() + " --host gpu --user me@big.example")
    return (try RemoteModel(link), link)
  }

  /// A file in a directory of its own, of so many bytes.
  private func withFile<Value>(_ count: Int, _ body: (URL) throws -> Value) throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "clip-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "talk one.mp4")
    try Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }).write(
      to: file)
    return try body(file)
  }

  @Test(arguments: [0, 1, 4 << 20, 9_000_001])
  func `a file is copied whole, under its own name, with its progress`(_ count: Int) throws {
    try withFile(count) { file in
      let (model, _) = try model()
      var seen: [Int] = []
      let path = try model.source.copy(file.path, of: "engine") { done, total in
        #expect(total == count)
        seen.append(done)
      }
      #expect(try Data(contentsOf: URL(filePath: path)) == Data(contentsOf: file))
      #expect(path != file.path && path.hasSuffix("/talk one.mp4"))
      #expect(seen.last ?? 0 == count && seen == seen.sorted())
    }
  }

  @Test func `pieces are requested ahead, and an unchanged file is copied once`() throws {
    try withFile(9_000_000) { file in
      let (model, link) = try model()
      let before = link.traffic
      let path = try model.source.copy(file.path, of: "gpu") { _, _ in }
      #expect(link.traffic.roundTrips - before.roundTrips == 2)
      let whole = link.traffic.received
      #expect(try model.source.copy(file.path, of: "big.example") { _, _ in } == path)
      #expect(link.traffic.received == whole)
      try Data([1, 2, 3]).write(to: file)
      let other = try model.source.copy(file.path, of: "gpu") { _, _ in }
      #expect(try Data(contentsOf: URL(filePath: other)) == Data([1, 2, 3]))
    }
  }

  @Test func `a file that is not there, or of another computer, is refused`() throws {
    let (model, _) = try model()
    #expect(throws: EngineFault(.refused, reason: "/no/such.mp4: No such file or directory")) {
      _ = try model.source.copy("/no/such.mp4", of: "gpu") { _, _ in }
    }
    #expect(throws: EngineFault(.otherHost, reason: "example")) {
      _ = try model.source.copy("/no/such.mp4", of: "example") { _, _ in }
    }
  }

  @Test func `copies are removed with the model`() throws {
    let path = try withFile(10) { file in
      let (model, _) = try model()
      let path = try model.source.copy(file.path, of: "gpu") { _, _ in }
      #expect(FileManager.default.fileExists(atPath: path))
      return path
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
