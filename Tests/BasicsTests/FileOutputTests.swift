import Foundation
import Synchronization
import Testing

@testable import Basics

/// Results are written whole or not at all, and never over something that is not a file.
@Suite final class `File output` {
  private let directory = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")

  init() throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  private func path(_ name: String) -> String { directory.appending(path: name).path }

  @Test func `a replaced output file keeps its permissions`() throws {
    try Data("old".utf8).write(to: directory.appending(path: "a"))
    #expect(chmod(path("a"), 0o600) == 0)
    try FileOutput.write(Data("new".utf8), to: path("a"))
    var status = stat()
    #expect(lstat(path("a"), &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(try String(contentsOfFile: path("a"), encoding: .utf8) == "new")
  }

  @Test func `writing to a symbolic link replaces its target`() throws {
    try Data("old".utf8).write(to: directory.appending(path: "target"))
    #expect(symlink(path("target"), path("link")) == 0)
    try FileOutput.write(Data("new".utf8), to: path("link"))
    var status = stat()
    #expect(lstat(path("link"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    #expect(try String(contentsOfFile: path("target"), encoding: .utf8) == "new")
  }

  @Test func `output to a named pipe leaves it a pipe`() throws {
    #expect(mkfifo(path("pipe"), 0o600) == 0)
    let pipe = path("pipe")
    let isRead = DispatchSemaphore(value: 0)
    let read = Mutex<Data?>(nil)
    Thread.detachNewThread {
      let bytes = FileHandle(forReadingAtPath: pipe)?.readDataToEndOfFile()
      read.withLock { $0 = bytes }
      isRead.signal()
    }
    try FileOutput.write(Data("new".utf8), to: pipe)
    isRead.wait()
    #expect(read.withLock { $0 } == Data("new".utf8))
    var status = stat()
    #expect(lstat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }

  @Test func `output to a pipe without a reader is an error after a timeout`() {
    #expect(mkfifo(path("pipe"), 0o600) == 0)
    #expect(throws: FileOutputError(path: path("pipe"), reason: "a pipe without a reader")) {
      try FileOutput.write(Data(), to: self.path("pipe"), patience: .milliseconds(30))
    }
  }

  @Test func `output to a device is written, to a directory refused`() throws {
    try FileOutput.write(Data("x".utf8), to: "/dev/null")
    #expect(throws: FileOutputError(path: "/dev/full", reason: "no space left")) {
      try FileOutput.write(Data("x".utf8), to: "/dev/full")
    }
    #expect(throws: FileOutputError(path: directory.path, reason: "not a regular file")) {
      try FileOutput.write(Data("x".utf8), to: self.directory.path)
    }
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test(arguments: [true, false])
  func `a failed write keeps the old file and leaves no temporary file`(
    _ allowsNameless: Bool
  ) throws {
    for (name, old) in [("a", "old"), ("b", nil)] {
      if let old { try Data(old.utf8).write(to: directory.appending(path: name)) }
      let file = try ReplacementFile(
        for: path(name), permissions: old == nil ? nil : 0o600, allowsNameless: allowsNameless)
      try FileOutput.write(Data("half".utf8), to: file.descriptor)
      let during = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
      #expect(during.count { $0.hasSuffix(".tmp") } == (allowsNameless ? 0 : 1), "\(during)")
      #expect(during.contains("b") == false)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["a"])
    #expect(try String(contentsOfFile: path("a"), encoding: .utf8) == "old")
  }

  @Test(arguments: [true, false])
  func `output files are equal with and without O_TMPFILE support`(_ allowsNameless: Bool) throws {
    let mask = umask(0o022)
    defer { umask(mask) }
    for text in ["one", "two"] {
      try FileOutput.write(
        Data(text.utf8), to: path("a"), patience: .zero, allowsNameless: allowsNameless)
      #expect(try String(contentsOfFile: path("a"), encoding: .utf8) == text)
    }
    var status = stat()
    #expect(stat(path("a"), &status) == 0 && status.st_mode & 0o777 == 0o644)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["a"])
  }

  @Test func `output follows symbolic links, also to missing targets`() throws {
    try FileManager.default.createDirectory(
      at: directory.appending(path: "far"), withIntermediateDirectories: false)
    #expect(symlink("far/target", path("link")) == 0 && symlink("link", path("link2")) == 0)
    for text in ["one", "two"] {
      try FileOutput.write(Data(text.utf8), to: path("link2"))
      #expect(try String(contentsOfFile: path("far/target"), encoding: .utf8) == text)
    }
    #expect(symlink("loop", path("loop")) == 0)
    #expect(throws: FileOutputError.self) {
      try FileOutput.write(Data(), to: self.path("loop"))
    }
  }

  @Test func `concurrent writes of a file leave one complete file`() async throws {
    let place = path("a")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<16 {
        group.addTask {
          try FileOutput.write(Data(repeating: UInt8(number), count: 100_000), to: place)
        }
      }
      try await group.waitForAll()
    }
    let found = try Data(contentsOf: URL(filePath: place))
    #expect(found.count == 100_000 && Set(found).count == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["a"])
  }

  @Test func `a missing output directory is not created`() throws {
    #expect(throws: FileOutputError.self) {
      try FileOutput.write(Data(), to: self.path("no/where"))
    }
    try FileOutput.write(Data(), to: path("no/where"), creatingDirectories: true)
    #expect(FileManager.default.fileExists(atPath: path("no/where")))
  }
}
