import Basics
import Foundation
import OmniModel
import Sessions
import Synchronization

/// Writes the trace of a session to a file, line by line, so that a replay can follow it. After a
/// failed write, recording stops and the run continues.
///
/// An older trace is replaced atomically when the run has started; programs that read it keep the
/// old file. A new file appears with its header.
public final class TraceRecorder: Sendable {
  private struct State {
    var writer = TraceWriter()
    /// Open file descriptor; nil after closing or a failed write.
    var descriptor: Int32?
    /// The new trace, while the older one is not replaced yet.
    var pending: PendingTrace?
  }

  private let state: Mutex<State>
  private let path: String
  private let start = ContinuousClock.now
  /// Reason why the output could not be locked; nil if it is locked or is not a regular file.
  public let lockProblem: String?

  /// Starts a trace file, or prepares to replace an older trace.
  /// - Parameters:
  ///   - writer: name and version of the writing program.
  ///   - keepsPaths: whether the trace contains full paths, or only file names.
  ///   - lock: the `flock` function.
  /// - Throws: `FileOutputError` for files that are not traces and for a trace that is being
  ///   recorded; the file is unchanged.
  public init(
    _ path: String, writer: String, keepsPaths: Bool = false,
    lock: FileLock.Function = FileLock.system
  ) throws(FileOutputError) {
    self.path = path
    // If a reader closes the pipe, `write` must return an error instead of raising SIGPIPE.
    signal(SIGPIPE, SIG_IGN)
    var opened = State()
    opened.writer = TraceWriter(keepsPaths: keepsPaths)
    let header: Data
    do {
      header = try opened.writer.header(
        writer: writer, started: Date.now.formatted(.iso8601),
        runID: UUID().uuidString.lowercased())
    } catch {
      throw FileOutputError(path: path, reason: "cannot write the header")
    }
    var isStream = true
    switch try OutputTarget(path) {
    case .file(let place, _):
      isStream = false
      let claim = try TraceOutput.claim(place, path, header, lock)
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

  /// Writes an event. Thread-safe; does nothing after a failed write.
  /// - Throws: `FileOutputError`, at the first failed write only.
  public func record(_ event: SessionEvent) throws(FileOutputError) {
    let seconds = start.duration(to: .now).seconds
    try write { try $0.line(event, at: seconds) }
    if case .opened = event { try publish() }
  }

  /// Replaces the older trace.
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

  /// Writes the last line and closes the file; later events are ignored.
  public func finish() throws(FileOutputError) {
    let seconds = start.duration(to: .now).seconds
    try write { try $0.end(at: seconds, peakMemoryBytes: MachineMemory.peakResident) }
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

  /// Writes data; returns the reason if that fails, otherwise nil.
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
      return "a value is not finite"
    }
  }
}
