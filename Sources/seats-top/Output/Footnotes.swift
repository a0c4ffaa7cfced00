import ArgumentParser
import Basics
import Evaluations
import Foundation
import Reports

/// Footnotes of a table: notices, notes and clips that could not be read.
struct Footnotes {
  private(set) var lines: [String] = []
  /// Maximum number of footnotes; JSON output has all.
  private static let mostNotes = 20

  /// Footnotes of a table.
  /// - Parameters:
  ///   - notices: notices about clips.
  ///   - notes: notes on plans and answers, by method.
  ///   - questions: total number of questions.
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

  /// Footnotes with the notices of one clip.
  init(_ notices: [String]) {
    lines = notices.map { "note      \($0.printable)" }
  }

  /// Text about a skipped clip with the reason.
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
  /// Prints a table and its footnotes. With CSV, footnotes go to standard error; JSON output
  /// contains them in `value`.
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

/// Prints a warning for each clip that cannot be read, once, as soon as it is found.
final class SkippedClips: Sendable {
  private let progress: ProgressLine

  init(_ progress: ProgressLine) { self.progress = progress }

  @Sendable func report(_ skipped: SkippedClip) {
    let count = skipped.questions.count
    progress.interrupt(
      saying: "seats-top: skipped, with \(count) question\(count == 1 ? "" : "s"): "
        + Footnotes.about(skipped))
  }

  /// Ends the program with exit code 1 if clips were skipped.
  static func end(_ skipped: [SkippedClip]) throws {
    if !skipped.isEmpty { throw ExitCode(1) }
  }
}
