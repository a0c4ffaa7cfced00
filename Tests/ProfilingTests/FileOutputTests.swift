import Foundation
import Testing

@testable import Profiling

/// Results are written whole or not at all, and never over something that is not a file.
@Suite final class `File output` {
  private let directory = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")

  init() throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  private func path(_ name: String) -> String { directory.appending(path: name).path }

  @Test func `an older file keeps its permissions`() throws {
    try Data("old".utf8).write(to: directory.appending(path: "a"))
    #expect(chmod(path("a"), 0o600) == 0)
    try FileOutput.write(Data("new".utf8), to: path("a"))
    var status = stat()
    #expect(lstat(path("a"), &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(try String(contentsOfFile: path("a"), encoding: .utf8) == "new")
  }

  @Test func `a link stays a link, and its target is written`() throws {
    try Data("old".utf8).write(to: directory.appending(path: "target"))
    #expect(symlink(path("target"), path("link")) == 0)
    try FileOutput.write(Data("new".utf8), to: path("link"))
    var status = stat()
    #expect(lstat(path("link"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    #expect(try String(contentsOfFile: path("target"), encoding: .utf8) == "new")
  }

  @Test func `a pipe is refused and stays a pipe`() throws {
    #expect(mkfifo(path("pipe"), 0o600) == 0)
    #expect(throws: FileOutputError(path: path("pipe"), reason: "not a regular file")) {
      try FileOutput.write(Data(), to: self.path("pipe"))
    }
    var status = stat()
    #expect(lstat(path("pipe"), &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }

  @Test func `a directory that is not there is not made unasked`() throws {
    #expect(throws: FileOutputError.self) {
      try FileOutput.write(Data(), to: self.path("no/where"))
    }
    try FileOutput.write(Data(), to: path("no/where"), creatingDirectories: true)
    #expect(FileManager.default.fileExists(atPath: path("no/where")))
  }
}
