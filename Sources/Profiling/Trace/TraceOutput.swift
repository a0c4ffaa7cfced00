import Basics
import Foundation
import OmniModel

/// An output path of a trace, locked for one recorder.
struct TraceOutput {
  /// The open descriptor, with the header written.
  let descriptor: Int32
  /// Set while an older trace has not been replaced yet.
  let pending: PendingTrace?
  let lockProblem: String?

  /// - Parameters:
  ///   - place: `path` without symbolic links.
  ///   - header: the first line.
  /// - Throws: `FileOutputError` if another trace is being written there, or another kind of file
  ///   exists.
  static func claim(
    _ place: String, _ path: String, _ header: Data, _ lock: FileLock.Function
  ) throws(FileOutputError) -> TraceOutput {
    // Other processes may create or remove the file meanwhile: retry.
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

  /// A new file; nil if one was created meanwhile.
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

  /// A file to replace an older trace; nil if that was removed.
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

  /// Throws unless the file is a trace of this or an earlier version.
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

/// A new trace that will replace an older, locked one.
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
  /// Reason for a missing lock; nil if locked.
  fileprivate var problem: String? {
    if case .missing(let reason) = self { reason } else { nil }
  }
}

extension TraceHeader {
  private struct Mark: Decodable {
    let schema: String?
  }

  /// Format of a file, by its first bytes.
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
