import ArgumentParser
import Basics
import Foundation
import Profiling

/// What stands below a table: what was lost, cut or assumed, and which clips could not be read.
struct Footnotes {
  private(set) var lines: [String] = []
  /// More are left to the JSON format.
  private static let mostNotes = 20

  /// - Parameters:
  ///   - notices: of clips, whatever the method.
  ///   - notes: of methods, by their names.
  ///   - questions: that were asked in all.
  init(
    _ notices: [EvaluationNotice], notes: [(method: String, notes: [EvaluationNotice])] = [],
    skipped: [SkippedClip], questions: Int
  ) {
    let all =
      notices.map { "\($0.text)\(Self.questions($0, of: questions))" }
      + notes.flatMap { method, notes in
        notes.map { "\(method): \($0.text)\(Self.questions($0, of: questions))" }
      }
    lines = all.prefix(Self.mostNotes).map { "note      \($0.printable)" }
    if all.count > Self.mostNotes {
      lines.append("note      and \(all.count - Self.mostNotes) more: --format json has them all")
    }
    let count = skipped.reduce(0) { $0 + $1.questions.count }
    guard count > 0 else { return }
    lines.append(
      "skipped   \(count) of \(questions + count) questions, whose clips could not be read")
    lines += skipped.map { "skipped   \(Self.about($0))" }
  }

  /// Of one clip, as plain lines.
  init(_ notices: [String]) {
    lines = notices.map { "note      \($0.printable)" }
  }

  /// A clip and why it was skipped.
  static func about(_ skipped: SkippedClip) -> String {
    ErrorMessage.printable("\(skipped.clip): \(skipped.reason)")
  }

  private static func questions(_ notice: EvaluationNotice, of count: Int) -> String {
    guard notice.questions.count < count else { return "" }
    let named = notice.questions.prefix(3).joined(separator: ", ")
    let rest = notice.questions.count > 3 ? ", …" : ""
    return " (\(notice.questions.count) of \(count) questions: \(named)\(rest))"
  }
}

extension TableFormat {
  /// Prints a table with what has to be known about it. CSV holds the table only, and the notes go
  /// to standard error; JSON holds them in `value`.
  func emit(_ table: PlainTable, _ value: some Encodable, _ footnotes: Footnotes) throws {
    try Console.emit(data(table, value))
    try emit(footnotes)
  }

  func emit(_ footnotes: Footnotes) throws {
    guard !footnotes.lines.isEmpty else { return }
    switch self {
    case .json: break
    case .csv: for line in footnotes.lines { Console.warn("seats-top: \(line)") }
    case .text: try Console.emit(lines: [""] + footnotes.lines)
    case .markdown: try Console.emit(lines: [""] + footnotes.lines.map { "- \($0)" })
    }
  }
}

/// Clips that could not be read, told as they are found.
final class SkippedClips: Sendable {
  private let progress: ProgressLine

  init(_ progress: ProgressLine) { self.progress = progress }

  @Sendable func report(_ skipped: SkippedClip) {
    let count = skipped.questions.count
    progress.interrupt(
      saying: "seats-top: skipped, with \(count) question\(count == 1 ? "" : "s"): "
        + Footnotes.about(skipped))
  }

  /// Ends a command whose results do without some questions.
  static func end(_ skipped: [SkippedClip]) throws {
    if !skipped.isEmpty { throw ExitCode(1) }
  }
}
