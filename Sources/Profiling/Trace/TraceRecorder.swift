import Foundation
import Synchronization

/// Writes the trace of a session to a file while it happens, a line at a time, so that it can be
/// followed. The first write that fails is the last: the run goes on without it.
public final class TraceRecorder: Sendable {
  private struct State {
    var writer = TraceWriter()
    /// Nil once closed or failed.
    var descriptor: Int32?
  }

  private let state: Mutex<State>
  private let path: String
  private let start = ContinuousClock.now

  /// Starts the file, in place of an older trace of that name.
  /// - Parameter writer: who writes, and its version.
  /// - Throws: `FileOutputError`; any other file that stands there stays as it is, and so does a trace
  ///   that is being written.
  public init(_ path: String, writer: String) throws(FileOutputError) {
    self.path = path
    guard Self.mayReplace(path) else {
      throw FileOutputError(path: path, reason: "a file that is no trace is in the way")
    }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw FileOutputError(path: path, reason: String(cString: strerror(errno)))
    }
    if let reason = Self.takeOver(descriptor) {
      close(descriptor)
      throw FileOutputError(path: path, reason: reason)
    }
    // A reader that goes away is an error of `write`, not the end of the program.
    signal(SIGPIPE, SIG_IGN)
    var opened = State()
    opened.descriptor = descriptor
    state = Mutex(opened)
    do throws(FileOutputError) {
      try write { [date = Date.now] in
        try $0.header(
          writer: writer, started: date.formatted(.iso8601), runID: UUID().uuidString.lowercased())
      }
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// Writes an event. Any thread; costs nothing once the file has failed.
  /// - Throws: `FileOutputError`, once.
  public func record(_ event: SessionEvent) throws(FileOutputError) {
    let seconds = start.duration(to: .now).seconds
    try write { try $0.line(event, at: seconds) }
  }

  /// Ends the trace; what happens later is not written.
  public func finish() throws(FileOutputError) {
    let seconds = start.duration(to: .now).seconds
    try write { try $0.end(at: seconds, peakMemoryBytes: ProcessMemory.peak) }
    state.withLock { state in
      if let descriptor = state.descriptor { close(descriptor) }
      state.descriptor = nil
    }
  }

  private func write(_ line: (inout TraceWriter) throws -> Data?) throws(FileOutputError) {
    let failure = state.withLock { state -> String? in
      guard let descriptor = state.descriptor else { return nil }
      guard let reason = Self.write(line, &state.writer, to: descriptor) else { return nil }
      close(descriptor)
      state.descriptor = nil
      return reason
    }
    if let failure { throw FileOutputError(path: path, reason: failure) }
  }

  /// Why it could not be written; nil when it was.
  private static func write(
    _ line: (inout TraceWriter) throws -> Data?, _ writer: inout TraceWriter, to descriptor: Int32
  ) -> String? {
    do {
      guard var rest = try line(&writer)?[...] else { return nil }
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return String(cString: strerror(errno)) }
        rest = rest.dropFirst(count)
      }
      return nil
    } catch {
      return "a number in it is not finite"
    }
  }

  /// Empties a file for one recorder alone, until it closes it: two would write over each other.
  /// - Returns: why it cannot be; nil when it was.
  private static func takeOver(_ descriptor: Int32) -> String? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      return "another run is being recorded there"
    }
    return ftruncate(descriptor, 0) == 0 ? nil : String(cString: strerror(errno))
  }

  /// Nothing is there, or an older trace, or something that is no file at all, like a pipe.
  private static func mayReplace(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
      return true
    }
    guard let file = FileHandle(forReadingAtPath: path) else { return true }
    let beginning = (try? file.read(upToCount: 4096)) ?? Data()
    return String(decoding: beginning, as: UTF8.self).contains(TraceHeader.family)
  }
}

/// What this process holds of the machine's memory.
enum ProcessMemory {
  /// The most that was resident so far, in bytes; nil where the kernel does not say.
  static var peak: Int? {
    let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
    return kilobytes.flatMap { Int($0) }.map { $0 * 1024 }
  }
}
