import Reports
import Runs
import Terminal

/// Screen 8: the audit of the model input.
struct InputScreen: ScreenPage, Equatable {
  typealias View = ScrolledView

  static let name = "input"
  static let title = "Input"
  static let help = "input: clip and prompt"
  static let bindings = keys(
    .init("edit input settings", .init(["i"], .editInput, hint: "edit")))

  let subject: RunSubject?
  /// Index of the first visible row.
  let top: Int
  let search: String?

  init(_ app: App) {
    subject = app.run.subject
    top = app.view[Self.self].top
    search = app.view.search?.text
  }

  static func move(_ move: Move, in app: inout App) {
    guard let distance = move.distance(page: app.pageLength) else { return }
    let body = AppLayout(app.view.size).body
    let last = InputScreen(app).lines?.lastTop(in: body) ?? 0
    app.view[Self.self].move(by: distance, last: last)
  }

  static func matches(of text: String, in app: App) -> [Int] {
    InputScreen(app).lines?.matches(of: text) ?? []
  }

  static func go(to place: Int, in app: inout App) {
    let body = AppLayout(app.view.size).body
    guard let lines = InputScreen(app).lines else { return }
    app.view[Self.self].top = min(lines.lastTop(in: body), lines.row(of: place, width: body.width))
  }

  func render(in area: Rect, to frame: inout Frame) {
    lines?.render(in: area, from: top, marking: search, to: &frame)
  }

  private var lines: LabelledLines? {
    guard let subject else { return nil }
    let entries = Self.summary(subject) + subject.clip.audit
    let width = entries.map { $0.subject.count }.max().map { min(24, $0) } ?? 0
    let lines = entries.map { entry in
      LabelledLine(
        label: entry.subject, labelRole: .title, alignment: .left,
        text: entry.isWarning ? "! \(entry.fact)" : entry.fact,
        role: entry.isWarning ? .warning : .normal)
    }
    return LabelledLines(lines: lines, labelWidth: width)
  }

  private static func summary(_ subject: RunSubject) -> [AuditEntry] {
    let (clip, model, prompt) = (subject.clip, subject.model, subject.prompt)
    let counts = prompt.counts
    let decoder = model.decoder
    let images = counts.image > 0 ? ", \(counts.image) image" : ""
    return [
      AuditEntry("clip", "\(clip.title), \(clip.source)"),
      AuditEntry(
        "model",
        "\(model.name), \(model.architecture), \(Measure.parameters(model.parameters)) parameters, "
          + model.dtype),
    ] + (model.engine.map { [AuditEntry("engine", $0)] } ?? []) + [
      AuditEntry("decoder", "\(decoder.layers) layers of width \(decoder.hidden)"),
      AuditEntry(
        "prompt",
        "\(counts.total) tokens: \(counts.text) text\(images), \(counts.video) video, "
          + "\(model.family.takesAudio ? "\(counts.audio)" : "no") audio in "
          + Measure.plural(prompt.windows, "window")),
    ]
  }
}

extension Screen {
  static let input = Screen(InputScreen.self)
}

extension AppAction {
  static let editInput = AppAction("edit-input", needs: [.open, .ownInput]) { $0.openInputForm() }
}

/// View state of screen 9, the log.
struct LogView: ScreenView {
  /// Index of the first visible row; nil if the view follows new lines.
  var top: Int?

  mutating func reopen() { top = nil }
}

/// Screen 9: the log, newest line at the bottom.
struct LogScreen: ScreenPage, Equatable {
  typealias View = LogView

  static let name = "log"
  static let title = "Log"
  static let help = "log"

  private let entries: [LogLine]
  /// Index of the first visible row; nil to show the end.
  private let top: Int?
  private let search: String?

  init(_ app: App) {
    entries = app.run.log
    top = app.view[Self.self].top
    search = app.view.search?.text
  }

  static func move(_ move: Move, in app: inout App) {
    guard let distance = move.distance(page: app.pageLength) else { return }
    let last = LogScreen(app).lines.lastTop(in: AppLayout(app.view.size).body)
    let top = min(last, max(0, (app.view[Self.self].top ?? last) + distance))
    app.view[Self.self].top = top == last ? nil : top
  }

  static func matches(of text: String, in app: App) -> [Int] {
    LogScreen(app).lines.matches(of: text)
  }

  static func go(to place: Int, in app: inout App) {
    let body = AppLayout(app.view.size).body
    let lines = LogScreen(app).lines
    app.view[Self.self].top = min(lines.lastTop(in: body), lines.row(of: place, width: body.width))
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard !entries.isEmpty else {
      frame.write(" no messages yet", in: area.row(0), as: .faint)
      return
    }
    lines.render(in: area, from: top ?? .max, marking: search, to: &frame)
  }

  private var lines: LabelledLines {
    LabelledLines(
      lines: entries.map { line in
        LabelledLine(
          label: Measure.clock(line.time / .milliseconds(1)), labelRole: .faint, alignment: .right,
          text: line.text, role: Self.role(line.kind))
      }, labelWidth: 8)
  }

  private static func role(_ kind: LogLine.Kind) -> Role {
    switch kind {
    case .note: .normal
    case .warning: .warning
    case .failure: .error
    }
  }
}

extension Screen {
  static let log = Screen(LogScreen.self)
}
