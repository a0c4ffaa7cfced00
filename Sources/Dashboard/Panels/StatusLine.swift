import Profiling
import Terminal

/// The bottom line: a message while there is one, the text being typed, or where the run stands
/// and what could be done next.
struct StatusLine: Widget, Equatable {
  let app: App

  init(_ app: App) {
    self.app = app
  }

  func render(in area: Rect, to frame: inout Frame) {
    frame.clear(area, as: .status)
    if case .dropLayers(let editor) = app.view.overlay {
      prompt(editor).render(in: area, to: &frame)
    } else if let toast = app.view.toast {
      let style = frame.look.theme[.status].overlaid(with: frame.look.theme[toast.role])
      frame.write(" " + toast.text, in: area, style: style)
    } else {
      frame.write(" " + standing, in: area, as: .status)
    }
  }

  private func prompt(_ editor: LineEditor) -> PromptLine {
    let layers = app.run.layers
    guard let drops = DropLayerText.parse(editor.text, layers: layers) else {
      return PromptLine(
        question: " drop after layers:", editor: editor,
        remark: StyledLine("✗ 1…\(layers), like 4-6-8, or none", .error))
    }
    return PromptLine(
      question: " drop after layers:", editor: editor, remark: preview(drops))
  }

  /// What the layers would do, before they are applied.
  private func preview(_ drops: [Int]) -> StyledLine {
    guard let subject = app.run.subject else { return "" }
    var settings = app.run.settings
    settings.dropLayers = drops
    let forecast = PlanForecast(
      settings.plan(for: subject.promptShape), prompt: subject.promptShape,
      decoder: subject.model.decoder)
    return StyledLine("✓ \(Measure.factor(forecast.reduction)) fewer FLOPs", .good)
  }

  private var standing: String {
    let run = app.run
    guard run.subject != nil else { return run.loading.map { "\($0) …" } ?? "nothing is open" }
    switch run.activity {
    case .running: return "\(running(run)): space pauses, ^C cancels"
    case .decoding: return "decoding the answer: space stops it"
    case .runningFull: return "running full tokens, to compare with: ^C cancels"
    case .idle: return idle(run)
    }
  }

  private func running(_ run: RunState) -> String {
    let row = run.row(run.engineRow)
    return "running \(row?.name ?? "")"
  }

  private func idle(_ run: RunState) -> String {
    if run.isComplete, !run.isAnswered { return "paused in the answer: space goes on" }
    if run.isComplete { return "done: + and - turn the budget, f runs full tokens, s saves" }
    let next = run.row(run.ledger.current.count)?.name ?? ""
    return "paused before \(next): space runs, n steps, d runs to the next drop"
  }
}

extension RunState {
  /// A row without a clock; nil before anything is open.
  func row(_ index: Int) -> LedgerRow? {
    subject.map { row(min(index, stepCount - 1), $0, .zero) }
  }
}
