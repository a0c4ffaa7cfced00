import Basics
import Foundation

/// The parsed contents of a results file.
struct SweepFileContent {
  /// Header of the results file; nil if the file is empty or its first line is incomplete.
  let header: SweepHeader?
  /// One result per question and point; if there are several, the first line counts.
  let results: [SweepResult]
  /// Clips that could not be read, in file order.
  let skipped: [SkippedClip]
  /// Number of bytes up to the end of the last complete line.
  let intactBytes: Int

  /// Maximum size of a results file, in bytes: about half a million answers.
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
    // A last line without a line feed was being written when the sweep was killed.
    let intactBytes = data.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let lines = data.prefix(intactBytes).split(separator: UInt8(ascii: "\n"))
    switch SweepHeader.format(of: data) {
    case .current, .earlier: break
    case .empty, .unfinished:
      guard mayBeEmpty else { throw .notResults(file: file, line: 1) }
      (header, results, skipped, self.intactBytes) = (nil, [], [], 0)
      return
    case .later(let format): throw .laterFormat(file: file, format: format)
    case .foreign: throw .notResults(file: file, line: 1)
    }
    guard let first = lines.first, var header: SweepHeader = SweepLine.decode(first),
      header.isPlausible, (header.identity == nil) == (header.format == SweepHeader.firstFormat)
    else { throw .notResults(file: file, line: 1) }
    var results: [SweepResult] = []
    var skipped: [SkippedClip] = []
    var seen: Set<SweepResult.Key> = []
    for (index, line) in lines.enumerated().dropFirst() {
      if let result: SweepResult = SweepLine.decode(line), result.isPlausible {
        if seen.insert(result.key).inserted { results.append(result) }
      } else if let skip: SkippedLine = SweepLine.decode(line) {
        skipped.append(skip.skipped)
      } else if let newer: SweepHeader = SweepLine.decode(line), newer.isPlausible,
        newer.differences(from: header).isEmpty, newer.shard == header.shard
      {
        header = newer
      } else {
        throw .notResults(file: file, line: index + 1)
      }
    }
    (self.header, self.results, self.skipped) = (header, results, skipped)
    self.intactBytes = intactBytes
  }
}

/// The line of a results file for a clip that could not be read.
struct SkippedLine: Codable {
  let skipped: SkippedClip
}

/// Reads and writes single lines of a results file.
enum SweepLine {
  /// The value as a JSON line, with its line feed.
  static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value).escapedJSON + Data("\n".utf8)
  }

  static func decode<Value: Decodable>(_ line: Data) -> Value? {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try? decoder.decode(Value.self, fromOutside: line)
  }
}

extension SweepHeader {
  private struct Mark: Decodable {
    let format: String?
  }

  /// Whether a file is a results file, and of which version, from its first line.
  static func format(of data: Data) -> OwnFormat {
    let line = Data(data.prefix { $0 != UInt8(ascii: "\n") })
    let isWhole = line.count < data.count
    let mark: Mark? = line.count <= 1 << 20 ? SweepLine.decode(line) : nil
    let format = OwnFormat(
      firstLine: line, isWhole: isWhole, name: mark?.format, family: family, version: version,
      beginnings: [
        "{\"format\":\"\(family)#\"", "{\"fingerprint\":\"#\",\"format\":\"\(family)#\"",
      ])
    // If only the line feed is missing, the header is valid but incomplete.
    return format == .current && !isWhole ? .unfinished : format
  }
}

extension SweepResult {
  /// Whether all numbers are in range and the method's name can be part of a file name.
  fileprivate var isPlausible: Bool {
    let flops = [referenceFlops, fullReferenceFlops, executedFlops]
    let others = [divergence, prefillMs, selectionMs, retentionReached]
    return flops.allSatisfy { 0...1e30 ~= $0 } && others.allSatisfy { 0...1e12 ~= $0 }
      && 0...100 ~= point.retention
      && 0...1_000_000 ~= windows ?? 0 && 1...64 ~= point.method.utf8.count
      && point.method.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
  }
}
