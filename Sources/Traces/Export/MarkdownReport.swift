import Basics
import Foundation
import Reports
import Selection

/// A run as Markdown: model and clip, a table of the steps, and the answer.
public struct MarkdownReport {
  private let run: TracedRun

  public init(_ run: TracedRun) {
    self.run = run
  }

  public var rendered: String {
    let sections = [subject, ledger, totals, answer].filter { !$0.isEmpty }
    return sections.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
  }

  private var subject: [String] {
    let (model, clip, counts) = (run.subject.model, run.subject.clip, run.subject.prompt.counts)
    var lines = ["## \(Self.cell(model.name)) on \(Self.cell(clip.title))", ""]
    if !clip.question.isEmpty { lines += ["> \(Self.cell(clip.question))", ""] }
    lines.append(
      "\(counts.total) tokens: \(counts.textAndImage) text, \(counts.video) video, "
        + (model.family.takesAudio ? "\(counts.audio) audio. " : "no audio. ")
        + "\(model.decoder.layers) layers, \(Self.cell(model.dtype)). "
        + "Method: \(Self.cell(run.methodName))"
        + (run.settings.forced.summary(in: counts).map { ", \($0)" } ?? "") + ".")
    return lines
  }

  private var ledger: [String] {
    let table = LedgerColumn.table(
      run.records, \.markdown, takesAudio: run.subject.model.family.takesAudio, lens: run.lens
    ).rendered(.markdown)
    return table.split(separator: "\n").map(String.init)
  }

  private var totals: [String] {
    let spent = run.records.layers.reduce(0) { $0 + $1.milliseconds }
    let chosen = run.records.reduce(0) { $0 + $1.selectionMilliseconds }
    var line = "Layers \(Self.number(spent)) ms, selection \(Self.number(chosen)) ms"
    if let full = run.full { line += ", full tokens \(Self.number(full.prefillMilliseconds)) ms" }
    return [line + "."]
  }

  private var answer: [String] {
    guard let answer = run.answer else { return [] }
    var lines = ["**Answer:** \(Self.cell(answer.text))"]
    if let expected = run.subject.clip.answer {
      lines.append("**Expected:** \(Self.cell(expected))")
    }
    if let full = run.full { lines.append("**Full tokens:** \(Self.cell(full.answer.text))") }
    return lines.flatMap { [$0, ""] }.dropLast()
  }

  private static func number(_ value: Double) -> String { String(format: "%.2f", value) }

  /// Text with Markdown characters escaped, for a table cell.
  private static func cell(_ text: String) -> String {
    var safe = ""
    for character in text.printable {
      if "\\`*_{}[]<>#|~".contains(character) { safe.append("\\") }
      safe.append(character)
    }
    return safe
  }
}
