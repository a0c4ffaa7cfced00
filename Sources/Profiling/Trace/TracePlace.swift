import Foundation
import OmniModel
import SafeJSON

/// The place of a trace, taken for one recorder alone: two would write over each other.
struct TracePlace {
  /// What is written to; its header is there.
  let descriptor: Int32
  /// Set while an older trace is still in the place of this one.
  let pending: PendingTrace?
  let lockProblem: String?

  /// - Parameters:
  ///   - place: `path` without symbolic links.
  ///   - header: the first line.
  /// - Throws: `FileOutputError` where another trace is being written there, or where something
  ///   else is.
  static func claim(
    _ place: String, _ path: String, _ header: Data, _ lock: FileLock.Function
  ) throws(FileOutputError) -> TracePlace {
    // Others may come and go between looking and taking, but not for ever.
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

  private static let busy = "another run is being recorded there"

  /// A file where none was; nil where one has come meanwhile.
  private static func started(
    _ place: String, _ path: String, _ header: Data, _ lock: FileLock.Function
  ) throws(FileOutputError) -> TracePlace? {
    do throws(SystemFailure) {
      let file = try ReplacementFile(for: place, permissions: nil)
      let problem = FileLock.take(file.descriptor, with: lock).problem
      try FileOutput.write(header, to: file.descriptor)
      guard try file.publish(replacing: false) else { return nil }
      return TracePlace(descriptor: file.take(), pending: nil, lockProblem: problem)
    } catch {
      throw FileOutputError(path: path, code: error.code)
    }
  }

  /// A file that is to replace an older trace; nil where that is no longer there.
  private static func replacing(
    _ older: Int32, _ place: String, _ path: String, _ header: Data, _ lock: FileLock.Function
  ) throws(FileOutputError) -> TracePlace? {
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
      return TracePlace(
        descriptor: file.take(), pending: PendingTrace(file: file, older: older),
        lockProblem: problem)
    } catch {
      throw FileOutputError(path: path, code: error.code)
    }
  }

  /// Only traces are replaced, and those of a later version are not.
  private static func checkIsOurs(_ descriptor: Int32, _ path: String) throws(FileOutputError) {
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    let beginning = (try? handle.read(upToCount: 1 << 16)) ?? Data()
    switch TraceHeader.format(of: beginning) {
    case .empty, .current, .earlier, .unfinished: break
    case .later(let name):
      throw FileOutputError(path: path, reason: "a newer version wrote the trace there: \(name)")
    case .foreign:
      throw FileOutputError(path: path, reason: "a file that is no trace is in the way")
    }
  }
}

/// A trace that is written while an older one is in its place, which stays locked until then.
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
  /// Why there is no lock; nil where it is held.
  fileprivate var problem: String? {
    if case .missing(let reason) = self { reason } else { nil }
  }
}

extension TraceHeader {
  private struct Mark: Decodable {
    let schema: String?
  }

  /// What a file is, by how it begins.
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
