import Foundation

/// Shards of a sweep, joined.
public struct SweepMerge: Sendable {
  /// Of the whole sweep.
  public let header: SweepHeader
  /// Each question and point once; the first file wins.
  public let results: [SweepResult]

  /// - Throws: `SweepFileError` where a file is no results file, or of another sweep.
  public init(_ files: [String]) throws(SweepFileError) {
    var first: SweepHeader?
    var seen: Set<SweepResult.Key> = []
    var results: [SweepResult] = []
    for file in files {
      let content = try SweepFileContent(file)
      guard let header = content.header else { throw .notResults(file: file, line: 1) }
      if let first, !first.isSameSweep(as: header) {
        throw .otherSweep(file: file, found: header, wanted: first)
      }
      first = first ?? header
      results += content.results.filter { seen.insert($0.key).inserted }
    }
    guard let first else { throw .unreadable(file: "", reason: "none is named") }
    header = first.whole
    self.results = results
  }

  /// Results that the points found would have on all questions.
  public var expected: Int { Set(results.map(\.point)).count * header.questions }

  /// As a results file.
  public func data() throws -> Data { try SweepFile.data(header, results) }
}

extension SweepHeader {
  fileprivate var whole: SweepHeader {
    SweepHeader(model: model, set: set, fingerprint: fingerprint, questions: questions)
  }

  private init(model: String, set: String, fingerprint: String, questions: Int) {
    format = Self.currentFormat
    (self.model, self.set, self.fingerprint, self.questions) = (model, set, fingerprint, questions)
    shard = nil
  }
}
