import Foundation
import Testing

@testable import OmniModel

/// Reading of weights before their use.
@Suite struct `Read-ahead of streamed weights` {
  private let url = FileManager.default.temporaryDirectory
    .appending(path: "seats-top-\(UUID().uuidString)")

  /// A file of 12 pages that no one has read, removed at the end.
  private func withFile(_ body: (MappedFile) throws -> Void) throws {
    try Data(repeating: 7, count: 12 * 4096).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(try MappedFile(url.path))
  }

  private func residentPages(_ file: MappedFile) -> Int {
    var flags = [UInt8](repeating: 0, count: 12)
    file.withBytes(0..<file.count) { bytes in
      _ = mincore(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count, &flags)
    }
    return flags.count { $0 & 1 == 1 }
  }

  @Test func `populating a range reads all of its pages, and no range is out of bounds`() throws {
    try withFile { file in
      file.populate(0..<file.count)
      #expect(residentPages(file) == 12)
      file.populate(0..<0)
      file.populate(5000..<5001)
      file.populate(0..<file.count + 1)
      #expect(file.withBytes(0..<file.count) { $0.allSatisfy { $0 == 7 } })
    }
  }

  @Test func `read-ahead stays within its limit until the data are used`() async throws {
    try withFile { file in
      let reader = ReadAhead(most: 8192)
      let requests = (0..<3).map {
        ReadAhead.Request(
          unit: $0, files: [FileRange(file: file, range: $0 * 4096..<($0 + 1) * 4096)])
      }
      reader.read(requests)
      reader.finish()
      #expect(reader.aheadUnits == [0, 1])
      reader.used(0)
      reader.finish()
      #expect(reader.aheadUnits == [1, 2])
      // Requested once more, they are not read twice.
      reader.read(requests.suffix(2))
      reader.finish()
      #expect(reader.aheadUnits == [1, 2])
    }
  }

  @Test func `read-ahead skips a unit already used, and a reset clears the queue`() throws {
    try withFile { file in
      let reader = ReadAhead(most: 4096)
      let requests = (0..<4).map {
        ReadAhead.Request(
          unit: $0, files: [FileRange(file: file, range: $0 * 4096..<($0 + 1) * 4096)])
      }
      reader.read(requests)
      reader.finish()
      reader.used(1)
      reader.used(0)
      reader.finish()
      #expect(reader.aheadUnits == [2])
      reader.reset()
      reader.finish()
      #expect(reader.aheadUnits.isEmpty)
    }
  }

  @Test func `read-ahead reads a unit above its limit on its own`() throws {
    try withFile { file in
      let reader = ReadAhead(most: 1)
      let parts = [FileRange(file: file, range: 0..<8192)]
      reader.read((0..<2).map { ReadAhead.Request(unit: $0, files: parts) })
      reader.finish()
      #expect(reader.aheadUnits == [0])
    }
  }
}
