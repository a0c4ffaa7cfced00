import Basics
import Reports
import Terminal

/// The status line: a message, an open line editor, or the position of the run with key hints.
struct StatusLine: Widget, Equatable {
  let app: App

  init(_ app: App) {
    self.app = app
  }

  func render(in area: Rect, to frame: inout Frame) {
    frame.clear(area, as: .status)
    if let prompt {
      prompt.render(in: area, to: &frame)
    } else if let fault = app.run.faults.min(by: { $0.key < $1.key })?.value {
      // A fault is shown before anything else.
      let style = frame.look.theme[.status].overlaid(with: frame.look.theme[.error])
      frame.write(" ! \(fault.description)", in: area, style: style)
    } else if let toast = app.view.toast {
      let style = frame.look.theme[.status].overlaid(with: frame.look.theme[toast.role])
      frame.write(" " + toast.text, in: area, style: style)
    } else if app.run.subject != nil, let progress = app.run.workProgress(at: app.view.now) {
      render(progress, in: area, to: &frame)
    } else {
      frame.write(" " + standing, in: area, as: .status)
    }
  }

  /// Draws work with a bar, amounts, rate and time left.
  private func render(_ progress: WorkProgress, in area: Rect, to frame: inout Frame) {
    var rest = area
    _ = rest.cutLeft(1)
    _ = rest.cutLeft(frame.write(progress.words, in: rest, as: .status) + 1)
    ProgressBar(progress.share, role: .status)
      .render(in: rest.cutLeft(area.width >= 60 ? 14 : 6), to: &frame)
    _ = rest.cutLeft(1)
    frame.write("\(progress.figures)\(interruption)", in: rest, as: .status)
  }

  /// Keys that interrupt the current work.
  private var interruption: String {
    switch app.run.activity {
    case .running, .studying: ": \(app.keys[.runOrPause]) pauses, ^C cancels"
    case .runningFull, .repeating, .decoding: ": ^C cancels"
    case .idle: ""
    }
  }

  private var prompt: PromptLine? {
    switch app.view.overlay {
    case .breakpoint(let editor): breakpoint(editor)
    case .search(let editor): search(editor)
    case .help, .details, .plan, .input, .options, .ask, .list, nil: nil
    }
  }

  private func search(_ editor: LineEditor) -> PromptLine {
    let text = editor.text.trimmed
    let count = text.isEmpty ? 0 : app.view.screen.page.matches(of: text, in: app).count
    let remark: StyledLine =
      switch (text.isEmpty, count) {
      case (true, _): [.span("text to find on this screen", .faint)]
      case (_, 0): [.span("✗ no match", .error)]
      default: [.span("✓ \(count) \(count == 1 ? "match" : "matches")", .good)]
      }
    return PromptLine(question: " search:", editor: editor, remark: remark)
  }

  private func breakpoint(_ editor: LineEditor) -> PromptLine {
    var remark = StyledLine(BreakpointText.examples, .faint)
    if let typed = BreakpointText.parse(editor.text, layers: app.run.layers) {
      let isSet = app.run.breakpoints.contains(typed)
      remark = StyledLine(isSet ? "✓ removes it" : "✓ sets it", .good)
    } else if !editor.text.trimmed.isEmpty {
      remark = StyledLine("✗ \(BreakpointText.examples)", .error)
    } else if !app.run.breakpoints.isEmpty {
      let set = app.run.breakpoints.map(\.description).joined(separator: ", ")
      remark = StyledLine("set: \(set); enter one again to remove it", .faint)
    }
    return PromptLine(question: " breakpoint:", editor: editor, remark: remark)
  }

  private var standing: String {
    let run = app.run
    if let loading = run.loading { return "\(loading) …" }
    guard run.subject != nil else { return "nothing is open" }
    switch run.activity {
    case .running: return "\(running(run)): \(app.keys[.runOrPause]) pauses, ^C cancels"
    case .decoding: return "decoding the answer: \(app.keys[.runOrPause]) stops it"
    case .runningFull: return "running full tokens: ^C cancels"
    case .studying: return "measuring the open clip: \(app.keys[.runOrPause]) pauses, ^C cancels"
    case .repeating:
      return "repeating the prefill, \(run.repeats.count) timed: ^C cancels and keeps them"
    case .idle: return idle(run)
    }
  }

  private func running(_ run: RunState) -> String {
    let row = run.row(run.engineRow)
    let wait = run.pace > .zero ? ", \(Measure.time(run.pace / .milliseconds(1))) per step" : ""
    return "running \(row?.name ?? "")\(wait)"
  }

  private func idle(_ run: RunState) -> String {
    if run.isComplete, !run.isAnswered {
      return "paused in the answer: \(app.keys[.runOrPause]) resumes"
    }
    if run.isComplete, run.isReplay {
      return
        "done: \(app.keys[.back]) steps back, \(app.keys[.restart]) restarts"
    }
    if run.isComplete {
      return
        "done: \(app.keys[.more]) and \(app.keys[.less]) change the budget, \(app.keys[.fullRun]) runs full tokens, "
        + "\(app.keys[.saveReport]) saves"
    }
    if let breakpoint = run.pausedAt {
      return
        "stopped before \(run.nextName) by breakpoint \(breakpoint): \(app.keys[.runOrPause]) resumes"
    }
    return
      "paused before \(run.nextName): \(app.keys[.runOrPause]) runs, \(app.keys[.next]) steps, "
      + "\(app.keys[.nextDrop]) runs to the next drop"
  }
}

extension RunState {
  /// A ledger row at time 0, so without a running time; nil before a run is open.
  func row(_ index: Int) -> LedgerRow? {
    subject.map { row(min(index, stepCount - 1), $0, .zero) }
  }
}
