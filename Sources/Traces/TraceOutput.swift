import Basics
import Foundation
import OmniModel

/// The output file of a trace, locked so that only one recorder writes it.
struct TraceOutput {
  /// Open file descriptor; the header is already written.
  let descriptor: Int32
  /// The trace that will replace an older one; nil if there is no older trace or it was replaced.
  let pending: PendingTrace?
  let lockProblem: String?

  /// Creates the output file, or prepares to replace an older trace.
  /// - Parameters:
  ///   - place: `path` with symbolic links resolved.
  ///   - header: first line of the trace.
  /// - Throws: `FileOutputError` if another process is recording to the file, or if the file is not
  ///   a trace.
  static func claim(
    _ place: String, _ path: String, _ header: Data, _ lock: FileLock.Function
  ) throws(FileOutputError) -> TraceOutput {
    // Another process may create or remove the file at the same time, so try again.
    for _ in 0..<100 {
      let older = open(place, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      if older < 0 {
        guard errno == ENOENT else { throw FileOutputError(path: path, code: errno) }
        if let claim = try started(place, path, header, lock) { return claim }
        continue
      }
      do throws(FileOutputError) {
        if let claim = try replacing(older, place, path, header, lock) { return claim }
      } catch {
        close(older)
        throw error
      }
      close(older)
    }
    throw FileOutputError(path: path, reason: busy)
  }

  private static let busy = "another run is recording to it"

  /// A new trace file; nil if another process created one at the same time.
  private static func started(
    _ place: String, _ path: String, _ header: Data, _ lock: FileLock.Function
  ) throws(FileOutputError) -> TraceOutput? {
    do throws(SystemFailure) {
      let file = try ReplacementFile(for: place, permissions: nil)
      let problem = FileLock.take(file.descriptor, with: lock).problem
      try FileOutput.write(header, to: file.descriptor)
      guard try file.publish(replacing: false) else { return nil }
      return TraceOutput(descriptor: file.take(), pending: nil, lockProblem: problem)
    } catch {
      throw FileOutputError(path: path, code: error.code)
    }
  }

  /// A file that will replace an older trace; nil if the older trace was removed.
  private static func replacing(
    _ older: Int32, _ place: String, _ path: String, _ header: Data, _ lock: FileLock.Function
  ) throws(FileOutputError) -> TraceOutput? {
    let problem: String?
    switch FileLock.take(older, with: lock) {
    case .taken: throw FileOutputError(path: path, reason: busy)
    case .held: problem = nil
    case .missing(let reason): problem = reason
    }
    guard FileLock.isFile(older, at: place) else { return nil }
    try checkIsOurs(older, path)
    var status = stat()
    guard fstat(older, &status) == 0, access(place, W_OK) == 0 else {
      throw FileOutputError(path: path, code: errno)
    }
    do throws(SystemFailure) {
      let file = try ReplacementFile(for: place, permissions: status.st_mode & 0o7777)
      _ = FileLock.take(file.descriptor, with: lock)
      try FileOutput.write(header, to: file.descriptor)
      return TraceOutput(
        descriptor: file.take(), pending: PendingTrace(file: file, older: older),
        lockProblem: problem)
    } catch {
      throw FileOutputError(path: path, code: error.code)
    }
  }

  /// Checks that the file is a trace of this or an earlier version; throws otherwise.
  private static func checkIsOurs(_ descriptor: Int32, _ path: String) throws(FileOutputError) {
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    let beginning = (try? handle.read(upToCount: 1 << 16)) ?? Data()
    switch TraceHeader.format(of: beginning) {
    case .empty, .current, .earlier, .unfinished: break
    case .later(let name):
      throw FileOutputError(path: path, reason: "a trace of a newer version: \(name)")
    case .foreign:
      throw FileOutputError(path: path, reason: "the file exists and is not a trace")
    }
  }
}

/// A new trace that will replace an older trace, which stays locked until then.
final class PendingTrace {
  private let file: ReplacementFile
  private let older: Int32

  init(file: ReplacementFile, older: Int32) {
    self.file = file
    self.older = older
  }

  deinit { close(older) }

  func publish() throws(SystemFailure) { _ = try file.publish() }
}

extension FileLock {
  /// Reason why the file could not be locked; nil if it is locked.
  fileprivate var problem: String? {
    if case .missing(let reason) = self { reason } else { nil }
  }
}

extension TraceHeader {
  private struct Mark: Decodable {
    let schema: String?
  }

  /// Whether a file is a trace, and of which version, from its first bytes.
  static func format(of beginning: Data) -> OwnFormat {
    let line = beginning.prefix { $0 != UInt8(ascii: "\n") }
    let mark = try? JSONDecoder().decode(Mark.self, fromOutside: Data(line))
    return OwnFormat(
      firstLine: Data(line), isWhole: line.count < beginning.count, name: mark?.schema,
      family: family, version: version,
      beginnings: [
        "{\"schema\":\"\(family)#\"", "{\"run_id\":\"#\",\"schema\":\"\(family)#\"",
      ])
  }
}
