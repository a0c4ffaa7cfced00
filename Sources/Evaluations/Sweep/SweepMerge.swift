import Foundation

/// The results of several shards of a sweep, merged.
public struct SweepMerge: Sendable {
  /// Header of the whole sweep.
  public let header: SweepHeader
  /// One result per question and point; if several files have one, the first file counts.
  public let results: [SweepResult]
  /// Clips that could not be read and whose questions no file answers.
  public let skipped: [SkippedClip]

  /// Reads and merges results files.
  /// - Throws: `SweepFileError` for files of another kind and for results of another sweep.
  public init(_ files: [String]) throws(SweepFileError) {
    var first: SweepHeader?
    var seen: Set<SweepResult.Key> = []
    var made: [String: SweepResult] = [:]
    var results: [SweepResult] = []
    var skipped: [SkippedClip] = []
    for file in files {
      let content = try SweepFileContent(file)
      guard let header = content.header else { throw .notResults(file: file, line: 1) }
      var differences = first.map { header.differences(from: $0) } ?? []
      differences += Self.differences(content.results, from: &made)
      guard differences.isEmpty else { throw .otherSweep(file: file, differences) }
      // The number of questions is that of the largest set.
      if header.questions > first?.questions ?? -1 { first = header }
      results += content.results.filter { seen.insert($0.key).inserted }
      skipped += content.skipped
    }
    guard let first else { throw .unreadable(file: "", reason: "none is named") }
    header = first.whole
    self.results = results
    self.skipped = skipped.unanswered(by: results)
  }

  /// Questions whose text or media differ from those in earlier files.
  private static func differences(
    _ results: [SweepResult], from made: inout [String: SweepResult]
  ) -> [SweepDifference] {
    var (asked, media): (Set<String>, Set<String>) = ([], [])
    for result in results {
      guard let before = made[result.question] else {
        made[result.question] = result
        continue
      }
      if result.asked != before.asked { asked.insert(result.question) }
      if result.media != before.media { media.insert(result.question) }
    }
    return (asked.isEmpty ? [] : [.questions(asked.sorted())])
      + (media.isEmpty ? [] : [.media(media.sorted())])
  }

  /// Number of results of a complete sweep, without skipped questions.
  public var expected: Int {
    let asked = header.questions - Set(skipped.flatMap(\.questions)).count
    return Set(results.map(\.point)).count * max(0, asked)
  }

  /// The merged results as contents of a results file.
  public func data() throws -> Data { try SweepFile.data(header, results, skipped) }
}
