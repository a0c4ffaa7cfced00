import Basics
import Foundation
import OmniModel
import Synchronization

/// A results file of a sweep, in JSON Lines: a header, then one result per line. Results are
/// appended as soon as they are computed, so that a sweep that was killed can resume.
public final class SweepFile: Sendable {
  /// Results that the file contained when it was opened.
  public let known: [SweepResult]
  /// Reason why the file could not be locked; nil if it is locked.
  public let lockProblem: String?
  private let path: String
  private let handle: Mutex<FileHandle>

  /// Opens a results file to resume a sweep, or creates one. An incomplete last line is removed. A
  /// file that is refused stays unchanged.
  /// - Parameters:
  ///   - set: the current questions. Questions may have been added or removed; all others must have
  ///     the same media, text and right answers.
  ///   - lock: the `flock` function.
  public init(
    continuing path: String, _ header: SweepHeader, for set: EvaluationSet,
    lock: FileLock.Function = FileLock.system
  ) throws(SweepFileError) {
    self.path = path
    let (handle, problem) = try Self.open(path, lock)
    self.handle = Mutex(handle)
    lockProblem = problem
    do throws(SweepFileError) {
      let content = try Self.content(of: handle, path)
      known = content.results
      if let found = content.header { try Self.check(found, content, header, set, path) }
      do {
        try handle.truncate(atOffset: UInt64(content.intactBytes))
        if content.header != header { try handle.write(contentsOf: try header.line()) }
      } catch {
        throw SweepFileError.unwritable(file: path, reason: FileOutput.reason(error))
      }
    } catch {
      try? handle.close()
      throw error
    }
  }

  deinit {
    handle.withLock { try? $0.close() }
  }

  /// Appends results to the file, in one write.
  public func append(_ results: [SweepResult]) throws(SweepFileError) {
    try append { try results.map { try SweepLine.encode($0) }.reduce(Data(), +) }
  }

  /// Appends a line for a skipped clip.
  public func append(_ skipped: SkippedClip) throws(SweepFileError) {
    try append { try SweepLine.encode(SkippedLine(skipped: skipped)) }
  }

  private func append(_ lines: () throws -> Data) throws(SweepFileError) {
    let problem = handle.withLock { handle -> String? in
      do {
        try handle.write(contentsOf: try lines())
        return nil
      } catch {
        return FileOutput.reason(error)
      }
    }
    if let problem { throw .unwritable(file: path, reason: problem) }
  }

  /// Contents of a results file with these results.
  static func data(
    _ header: SweepHeader, _ results: [SweepResult], _ skipped: [SkippedClip]
  ) throws -> Data {
    let lines =
      try results.map { try SweepLine.encode($0) }
      + skipped.map { try SweepLine.encode(SkippedLine(skipped: $0)) }
    return lines.reduce(try header.line(), +)
  }
}

extension SweepFile {
  /// Opens and locks the file; the lock ends with the process.
  private static func open(
    _ path: String, _ lock: FileLock.Function
  ) throws(SweepFileError) -> (FileHandle, lockProblem: String?) {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .unwritable(file: path, reason: FileOutput.reason(errno))
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .unwritable(file: path, reason: "not a regular file")
    }
    switch FileLock.take(descriptor, with: lock) {
    case .held: return (handle, nil)
    case .taken: throw .inUse(file: path)
    case .missing(let reason): return (handle, reason)
    }
  }

  private static func content(
    of handle: FileHandle, _ path: String
  ) throws(SweepFileError) -> SweepFileContent {
    let data: Data
    do {
      let size = try handle.seekToEnd()
      guard size <= UInt64(SweepFileContent.sizeLimit) else {
        throw FileInputError(reason: "too large: \(size) bytes")
      }
      try handle.seek(toOffset: 0)
      data = try handle.readToEnd() ?? Data()
    } catch {
      throw .unreadable(
        file: path, reason: (error as? FileInputError)?.reason ?? FileOutput.reason(error))
    }
    return try SweepFileContent(data, file: path, mayBeEmpty: true)
  }

  /// Checks that the results in the file can be combined with new ones.
  /// - Throws: an error that names the differences.
  private static func check(
    _ found: SweepHeader, _ content: SweepFileContent, _ wanted: SweepHeader,
    _ set: EvaluationSet, _ path: String
  ) throws(SweepFileError) {
    guard found.format == SweepHeader.currentFormat else {
      throw .earlierFormat(file: path, format: found.format)
    }
    var differences = found.differences(from: wanted)
    if found.shard != wanted.shard {
      differences.append(.shard(found: found.shard, wanted: wanted.shard))
    }
    differences += set.differences(from: content.results)
    guard differences.isEmpty else { throw .otherSweep(file: path, differences) }
  }
}

extension EvaluationSet {
  /// Differences between stored results and the current questions and media.
  func differences(from results: [SweepResult]) -> [SweepDifference] {
    let known = Dictionary(grouping: results, by: \.question)
    var (asked, media): ([String], [String]) = ([], [])
    for clip in clips {
      var isOther = false
      // Computed only for clips with results. Media that cannot be read are not compared.
      lazy var identity = clip.identity()
      for question in clip.questions {
        for result in known[question.id] ?? [] {
          if result.asked != question.identity, !asked.contains(question.id) {
            asked.append(question.id)
          }
          if let identity, let found = result.media, found != identity { isOther = true }
        }
      }
      if isOther { media.append(clip.id) }
    }
    return (asked.isEmpty ? [] : [.questions(asked)]) + (media.isEmpty ? [] : [.media(media)])
  }
}

/// Errors of reading and writing a results file.
public enum SweepFileError: Error, Sendable, Equatable {
  case unreadable(file: String, reason: String)
  case unwritable(file: String, reason: String)
  /// Another process is writing to the file.
  case inUse(file: String)
  /// The line is not a line of a results file.
  case notResults(file: String, line: Int)
  /// The file was written by an earlier version, which stored no identity.
  case earlierFormat(file: String, format: String)
  /// The file was written by a later version.
  case laterFormat(file: String, format: String)
  case otherSweep(file: String, [SweepDifference])
}
