import Foundation
import OmniModel
import Synchronization

/// Copies of files of the engine's side, removed with this object.
final class CopiedFiles: Sendable {
  private struct Copy {
    let place: ScratchDirectory
    let path: String
    let facts: Facts
  }

  /// What changes when a file is written: its size, and the time of the last change in nanoseconds.
  private struct Facts: Equatable {
    let bytes, changed: Int

    init(_ answer: EngineFrame) throws(EngineFault) {
      guard let bytes = answer["bytes"]?.integer, let changed = answer["changed"]?.integer,
        0...CopiedFiles.mostBytes ~= bytes
      else { throw EngineFault(.malformed, reason: "an answer to file without its size") }
      (self.bytes, self.changed) = (bytes, changed)
    }
  }

  /// Maximum size of a file: 64 GiB.
  static let mostBytes = 1 << 36
  /// Bytes of a request, and the number of requests that are sent ahead.
  private static let piece = 4 << 20
  private static let ahead = 4

  private let copies = Mutex<[String: Copy]>([:])

  func copy(
    _ path: String, _ link: EngineLink, onProgress: (_ done: Int, _ total: Int) -> Void
  ) throws(EngineFault) -> String {
    let facts = try Facts(
      link.ask("file", ["path": .text(path), "offset": .number(0), "count": .number(0)]))
    if let copy = copies.withLock({ $0[path] }), copy.facts == facts { return copy.path }
    let place = try ScratchDirectory()
    let name = path.split(separator: "/").last.map(String.init) ?? "file"
    let target = URL(filePath: place.path).appending(path: name)
    try Self.checkSpace(facts.bytes, place.path)
    guard FileManager.default.createFile(atPath: target.path, contents: nil),
      let file = FileHandle(forWritingAtPath: target.path)
    else { throw EngineFault(.failed, reason: "\(target.path) cannot be written") }
    defer { try? file.close() }
    var (sent, next, done) = ([SentRequest](), 0, 0)
    while done < facts.bytes {
      while sent.count < Self.ahead, next < facts.bytes {
        let count = min(Self.piece, facts.bytes - next)
        sent.append(
          link.send(
            "file", ["path": .text(path), "offset": .number(next), "count": .number(count)]))
        next += count
      }
      let answer = try link.answer(sent.removeFirst(), Cancellation())
      guard let data = answer.tensors["data"], data.kind == .u8, try Facts(answer) == facts,
        data.bytes.count == min(Self.piece, facts.bytes - done)
      else { throw EngineFault(.failed, reason: "\(path) changed while it was copied") }
      do {
        try file.write(contentsOf: data.bytes)
      } catch {
        throw EngineFault(.failed, reason: "\(target.path) cannot be written")
      }
      done += data.bytes.count
      onProgress(done, facts.bytes)
    }
    copies.withLock { $0[path] = Copy(place: place, path: target.path, facts: facts) }
    return target.path
  }

  private static func checkSpace(_ bytes: Int, _ path: String) throws(EngineFault) {
    let values = try? URL(filePath: path).resourceValues(forKeys: [.volumeAvailableCapacityKey])
    guard let free = values?.volumeAvailableCapacity, bytes > free else { return }
    throw EngineFault(
      .failed, reason: "\(bytes >> 20) MiB do not fit in the \(free >> 20) MiB free in \(path)")
  }
}
