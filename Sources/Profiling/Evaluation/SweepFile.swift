import Foundation
import SafeJSON
import Synchronization

/// What a results file is about: its first line.
public struct SweepHeader: Sendable, Equatable, Codable {
  /// The `format` that is written, and the only one that is read.
  public static let currentFormat = "seats-top/sweep/1"

  public let format: String
  /// The model directory's own name.
  public let model: String
  /// The evaluation set: its name, its fingerprint, and how many questions it has in all.
  public let set, fingerprint: String
  public let questions: Int
  /// Nil for the whole set.
  public let shard: Shard?

  public init(model: String, set: EvaluationSet, shard: Shard?) {
    format = Self.currentFormat
    self.model = model
    self.set = set.name
    fingerprint = set.fingerprint
    questions = set.questionCount
    self.shard = shard
  }

  /// The same questions to the same model, whatever the shard.
  func isSameSweep(as other: SweepHeader) -> Bool {
    (format, model, fingerprint) == (other.format, other.model, other.fingerprint)
  }
}

/// The results of a sweep on disk, as JSON Lines: a header, then a result a line. Results are
/// appended as they come, so that a sweep that was killed goes on where it was.
public final class SweepFile: Sendable {
  /// What the file held when it was opened.
  public let known: [SweepResult]
  private let path: String
  private let handle: Mutex<FileHandle>

  /// Opens a file to go on with, or makes a new one. A last line that was cut off is dropped.
  public init(continuing path: String, _ header: SweepHeader) throws(SweepFileError) {
    self.path = path
    let handle = try Self.lock(path)
    self.handle = Mutex(handle)
    do throws(SweepFileError) {
      let content = try SweepFileContent(path, mayBeEmpty: true)
      known = content.results
      if let found = content.header {
        guard found == header else { throw .otherSweep(file: path, found: found, wanted: header) }
      }
      do {
        try handle.truncate(atOffset: UInt64(content.intactBytes))
        try handle.seekToEnd()
        if content.header == nil { try handle.write(contentsOf: try Self.line(header)) }
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

  /// Adds results, in one piece.
  public func append(_ results: [SweepResult]) throws(SweepFileError) {
    let problem = handle.withLock { handle -> String? in
      do {
        try handle.write(contentsOf: try results.map { try Self.line($0) }.reduce(Data(), +))
        return nil
      } catch {
        return FileOutput.reason(error)
      }
    }
    if let problem { throw .unwritable(file: path, reason: problem) }
  }

  /// Header and results as a file of their own.
  static func data(_ header: SweepHeader, _ results: [SweepResult]) throws -> Data {
    try results.map { try line($0) }.reduce(try line(header), +)
  }

  private static func line(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value) + Data("\n".utf8)
  }

  /// One sweep writes a file at a time; the lock goes with the process.
  private static func lock(_ path: String) throws(SweepFileError) -> FileHandle {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .unwritable(file: path, reason: String(cString: strerror(errno)))
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .unwritable(file: path, reason: "not a regular file")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .inUse(file: path) }
    return handle
  }
}

/// A results file as it was read.
struct SweepFileContent {
  let header: SweepHeader?
  let results: [SweepResult]
  /// Bytes up to the end of the last whole line.
  let intactBytes: Int

  /// Half a million answers or so, in bytes.
  static let sizeLimit = 512 << 20

  init(_ path: String, mayBeEmpty: Bool = false) throws(SweepFileError) {
    let data: Data
    do {
      data = try FileInput.read(path, limit: Self.sizeLimit)
    } catch {
      throw .unreadable(file: path, reason: error.reason)
    }
    try self.init(data, file: path, mayBeEmpty: mayBeEmpty)
  }

  init(_ data: Data, file: String, mayBeEmpty: Bool) throws(SweepFileError) {
    // A line without its end was being written when the sweep was killed.
    intactBytes = data.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let lines = data.prefix(intactBytes).split(separator: UInt8(ascii: "\n"))
    guard let first = lines.first else {
      guard mayBeEmpty, data.count < 4096 else { throw .notResults(file: file, line: 1) }
      (header, results) = (nil, [])
      return
    }
    let header: SweepHeader? = Self.decode(first)
    guard let header, header.format == SweepHeader.currentFormat, header.isPlausible else {
      throw .notResults(file: file, line: 1)
    }
    self.header = header
    var results: [SweepResult] = []
    for (index, line) in lines.enumerated().dropFirst() {
      guard let result: SweepResult = Self.decode(line), result.isPlausible else {
        throw .notResults(file: file, line: index + 1)
      }
      results.append(result)
    }
    self.results = results
  }

  private static func decode<Value: Decodable>(_ line: Data) -> Value? {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try? decoder.decode(Value.self, fromOutside: line)
  }
}

extension SweepHeader {
  /// Counts that can be multiplied.
  fileprivate var isPlausible: Bool { 0...1_000_000_000 ~= questions }
}

extension SweepResult {
  /// Numbers that can be added up and drawn, and a method whose name can be part of a file's name.
  fileprivate var isPlausible: Bool {
    let flops = [referenceFlops, fullReferenceFlops, executedFlops]
    let others = [divergence, prefillMs, selectionMs, retentionReached]
    return flops.allSatisfy { 0...1e30 ~= $0 } && others.allSatisfy { 0...1e12 ~= $0 }
      && 0...100 ~= point.retention
      && 0...1_000_000 ~= windows ?? 0 && 1...64 ~= point.method.utf8.count
      && point.method.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
  }
}

/// Why a results file cannot be used.
public enum SweepFileError: Error, Sendable, Equatable {
  case unreadable(file: String, reason: String)
  case unwritable(file: String, reason: String)
  /// Another process writes it.
  case inUse(file: String)
  /// The line is no part of a sweep.
  case notResults(file: String, line: Int)
  case otherSweep(file: String, found: SweepHeader, wanted: SweepHeader)
}
