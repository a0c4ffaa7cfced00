import Profiling
import Terminal

/// Screen 8: the audit of what was actually fed to the model.
struct InputScreen: ScreenPage, Equatable {
  static let title = "Input"
  static let help = "input: what was fed"

  let subject: RunSubject?
  /// Lines scrolled past.
  let top: Int

  init(_ app: App) {
    subject = app.run.subject
    top = app.view.scroll
  }

  static func act(_ action: AppAction, in app: inout App) -> [Effect]? {
    app.scroll(action, lines: app.run.subject?.clip.audit.count ?? 0)
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard let subject else { return }
    let entries = Self.summary(subject) + subject.clip.audit
    let width = entries.map { $0.subject.count }.max().map { min(24, $0) } ?? 0
    let lines = entries.map { entry in
      LabelledLine(
        label: entry.subject, labelRole: .title, alignment: .left,
        text: entry.isWarning ? "! \(entry.fact)" : entry.fact,
        role: entry.isWarning ? .warning : .normal)
    }
    LabelledLines(lines, labelWidth: width) { min(top, max(0, $0 - area.height)) }
      .render(in: area, to: &frame)
  }

  private static func summary(_ subject: RunSubject) -> [AuditEntry] {
    let (clip, model, prompt) = (subject.clip, subject.model, subject.prompt)
    let counts = prompt.counts
    let decoder = model.decoder
    return [
      AuditEntry("clip", "\(clip.title), \(clip.source)"),
      AuditEntry(
        "model",
        "\(model.name), \(model.architecture), \(Measure.parameters(model.parameters)) parameters, "
          + model.dtype),
      AuditEntry("decoder", "\(decoder.layers) layers of width \(decoder.hidden)"),
      AuditEntry(
        "prompt",
        "\(counts.total) tokens: \(counts.text) text, \(counts.video) video, \(counts.audio) audio"
          + " in \(Measure.plural(prompt.windows, "window"))"),
    ]
  }
}

/// Screen 9: what happened, newest at the bottom.
struct LogScreen: ScreenPage, Equatable {
  static let title = "Log"
  static let help = "log"

  let lines: [LogLine]
  /// Lines scrolled down from the first; the end is shown while it is 0.
  let scrolled: Int

  init(_ app: App) {
    lines = app.run.log
    scrolled = app.view.scroll
  }

  static func act(_ action: AppAction, in app: inout App) -> [Effect]? {
    app.scroll(action, lines: app.run.log.count)
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard !lines.isEmpty else {
      frame.write(" nothing has happened yet", in: area.row(0), as: .faint)
      return
    }
    let labelled = lines.map { line in
      LabelledLine(
        label: Measure.clock(line.time / .milliseconds(1)), labelRole: .faint, alignment: .right,
        text: line.text, role: Self.role(line.kind))
    }
    LabelledLines(labelled, labelWidth: 8) { rows in
      let last = max(0, rows - area.height)
      return scrolled == 0 ? last : min(scrolled, last)
    }.render(in: area, to: &frame)
  }

  private static func role(_ kind: LogLine.Kind) -> Role {
    switch kind {
    case .note: .normal
    case .warning: .warning
    case .failure: .error
    }
  }
}

/// A line with a label before it.
private struct LabelledLine {
  let label: String
  let labelRole: Role
  let alignment: Alignment
  let text: String
  let role: Role
}

/// Labelled lines, broken where they do not fit; what follows a break stands under the text.
private struct LabelledLines {
  let lines: [LabelledLine]
  let labelWidth: Int
  /// The first row to show, of so many.
  let first: (Int) -> Int

  init(_ lines: [LabelledLine], labelWidth: Int, first: @escaping (Int) -> Int) {
    self.lines = lines
    self.labelWidth = labelWidth
    self.first = first
  }

  func render(in area: Rect, to frame: inout Frame) {
    let width = area.width - labelWidth - 4
    guard width > 0, area.height > 0 else { return }
    let rows = lines.flatMap { line in
      CleanText(line.text, ascii: frame.glyphs.isASCII).wrapped(to: width).enumerated().map {
        (line: line, text: $1, isFirst: $0 == 0)
      }
    }
    for (index, shown) in rows.dropFirst(first(rows.count)).prefix(area.height).enumerated() {
      var row = area.row(index).inset(horizontal: 1)
      let label = row.cutLeft(labelWidth)
      if shown.isFirst {
        frame.write(
          shown.line.label, in: label, as: shown.line.labelRole, align: shown.line.alignment)
      }
      _ = row.cutLeft(2)
      frame.write(shown.text.shown, in: row, as: shown.line.role)
    }
  }
}
