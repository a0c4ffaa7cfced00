import Foundation
import OmniModel
import Synchronization

/// Writes the trace of a session to a file while it happens, a line at a time, so that it can be
/// followed. The first write that fails is the last: the run goes on without it.
///
/// An older trace of that name stays until the run has begun, and is then replaced in one step: who
/// reads it goes on reading it. Where nothing is there, the new file has its header when it appears.
public final class TraceRecorder: Sendable {
  private struct State {
    var writer = TraceWriter()
    /// Nil once closed or failed.
    var descriptor: Int32?
    /// What is written while an older trace is still in its place.
    var pending: PendingTrace?
  }

  private let state: Mutex<State>
  private let path: String
  private let start = ContinuousClock.now
  /// Why the file could not be locked; nil where it is, or is no file.
  public let lockProblem: String?

  /// Starts the file, in place of an older trace of that name.
  /// - Parameters:
  ///   - writer: who writes, and its version.
  ///   - keepsPaths: whether the trace tells where files lie, or their names alone.
  ///   - lock: `flock`.
  /// - Throws: `FileOutputError`; any other file that stands there stays as it is, and so does a trace
  ///   that is being written.
  public init(
    _ path: String, writer: String, keepsPaths: Bool = false,
    lock: FileLock.Function = FileLock.system
  ) throws(FileOutputError) {
    self.path = path
    // A reader that goes away is an error of `write`, not the end of the program.
    signal(SIGPIPE, SIG_IGN)
    var opened = State()
    opened.writer = TraceWriter(keepsPaths: keepsPaths)
    let header: Data
    do {
      header = try opened.writer.header(
        writer: writer, started: Date.now.formatted(.iso8601),
        runID: UUID().uuidString.lowercased())
    } catch {
      throw FileOutputError(path: path, reason: "its header cannot be written")
    }
    var isStream = true
    switch try OutputPlace(path) {
    case .file(let place, _):
      isStream = false
      let claim = try TracePlace.claim(place, path, header, lock)
      (opened.descriptor, opened.pending) = (claim.descriptor, claim.pending)
      lockProblem = claim.lockProblem
    case .stream(let place):
      opened.descriptor = try OutputStreams.open(place, path, patience: nil)
      lockProblem = nil
    case .descriptor(let descriptor):
      opened.descriptor = dup(descriptor)
      lockProblem = nil
    }
    state = Mutex(opened)
    if isStream { try write { _ in header } }
  }

  /// Writes an event. Any thread; costs nothing once the file has failed.
  /// - Throws: `FileOutputError`, once.
  public func record(_ event: SessionEvent) throws(FileOutputError) {
    let seconds = start.duration(to: .now).seconds
    try write { try $0.line(event, at: seconds) }
    if case .opened = event { try publish() }
  }

  /// Puts the trace in the place of an older one: from now on it is worth more.
  private func publish() throws(FileOutputError) {
    let failure = state.withLock { state -> String? in
      guard let pending = state.pending.take(), let descriptor = state.descriptor else {
        return nil
      }
      do throws(SystemFailure) {
        try pending.publish()
        return nil
      } catch {
        close(descriptor)
        state.descriptor = nil
        return FileOutput.reason(error.code)
      }
    }
    if let failure { throw FileOutputError(path: path, reason: failure) }
  }

  /// Ends the trace; what happens later is not written.
  public func finish() throws(FileOutputError) {
    let seconds = start.duration(to: .now).seconds
    try write { try $0.end(at: seconds, peakMemoryBytes: ProcessMemory.peak) }
    state.withLock { state in
      if let descriptor = state.descriptor { close(descriptor) }
      (state.descriptor, state.pending) = (nil, nil)
    }
  }

  private func write(_ line: (inout TraceWriter) throws -> Data?) throws(FileOutputError) {
    let failure = state.withLock { state -> String? in
      guard let descriptor = state.descriptor else { return nil }
      guard let reason = Self.write(line, &state.writer, to: descriptor) else { return nil }
      close(descriptor)
      (state.descriptor, state.pending) = (nil, nil)
      return reason
    }
    if let failure { throw FileOutputError(path: path, reason: failure) }
  }

  /// Why it could not be written; nil when it was.
  private static func write(
    _ line: (inout TraceWriter) throws -> Data?, _ writer: inout TraceWriter, to descriptor: Int32
  ) -> String? {
    do {
      guard let bytes = try line(&writer) else { return nil }
      try FileOutput.write(bytes, to: descriptor)
      return nil
    } catch let failure as SystemFailure {
      return String(cString: strerror(failure.code))
    } catch {
      return "a number in it is not finite"
    }
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
