import Profiling
import Terminal

/// Screen 8: the audit of what was actually fed to the model.
struct InputScreen: Widget, Equatable {
  let subject: RunSubject?
  /// Lines scrolled past.
  let top: Int

  init(_ run: RunState, top: Int) {
    subject = run.subject
    self.top = top
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard let subject else { return }
    let entries = Self.summary(subject) + subject.clip.audit
    let width = entries.map { $0.subject.count }.max().map { min(24, $0) } ?? 0
    let first = min(top, max(0, entries.count - area.height))
    for (index, entry) in entries.dropFirst(first).prefix(area.height).enumerated() {
      var row = area.row(index).inset(horizontal: 1)
      frame.write(entry.subject, in: row.cutLeft(width), as: .title)
      _ = row.cutLeft(2)
      let mark = entry.isWarning ? "! " : ""
      frame.write(mark + entry.fact, in: row, as: entry.isWarning ? .warning : .normal)
    }
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
          + " in \(prompt.windows) windows"),
    ]
  }
}

/// Screen 9: what happened, newest at the bottom.
struct LogScreen: Widget, Equatable {
  let lines: [LogLine]
  /// Lines scrolled down from the first; the end is shown while it is 0.
  let scrolled: Int

  init(_ lines: [LogLine], scrolled: Int) {
    self.lines = lines
    self.scrolled = scrolled
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard !lines.isEmpty else {
      frame.write(" nothing has happened yet", in: area.row(0), as: .faint)
      return
    }
    let last = max(0, lines.count - area.height)
    let first = scrolled == 0 ? last : min(scrolled, last)
    for (index, line) in lines.dropFirst(first).prefix(area.height).enumerated() {
      var row = area.row(index).inset(horizontal: 1)
      let time = Measure.clock(line.time / .milliseconds(1))
      frame.write(time, in: row.cutLeft(8), as: .faint, align: .right)
      _ = row.cutLeft(2)
      frame.write(line.text, in: row, as: Self.role(line.kind))
    }
  }

  private static func role(_ kind: LogLine.Kind) -> Role {
    switch kind {
    case .note: .normal
    case .warning: .warning
    case .failure: .error
    }
  }
}
