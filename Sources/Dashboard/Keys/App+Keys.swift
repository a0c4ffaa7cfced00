import Profiling
import Terminal

extension App {
  /// A key was pressed.
  mutating func press(_ key: Key) -> [Effect] {
    let wasArmed = view.isQuitArmed
    view.isQuitArmed = false
    if wasArmed { view.toast = nil }
    if let effects = type(key) { return effects }
    guard let action = options.keys.action(for: key, in: view.context) else {
      let isOverlaid = view.overlay != nil
      let way = isOverlaid ? "\(self.key(.close)) closes this" : "\(self.key(.help)) lists the keys"
      say("\(key.label) does nothing here: \(way)")
      return []
    }
    return act(action)
  }

  private mutating func act(_ action: AppAction) -> [Effect] {
    if case .options(let selected) = view.overlay {
      if let effects = moveInOptions(action, selected) { return effects }
    } else if view.context != .help, let effects = view.screen.page.act(action, in: &self) {
      return effects
    }
    switch action {
    case .quit: return [.quit(0)]
    case .redraw: return [.repaint]
    case .suspend: return [.suspend]
    case .saveReport: return saveReport()
    case .toggleMouse: return toggleMouse()
    case .options: view.overlay = .options(selected: 0)
    case .search: return openSearch()
    case .findNext: return findAgain(1)
    case .findBefore: return findAgain(-1)
    case .help: view.overlay = .help(top: 0)
    case .close: close()
    case .nextTheme: nextTheme()
    case .up, .down, .pageUp, .pageDown, .top, .bottom: scrollHelp(action)
    case .earlierStep: moveCursor(by: -1)
    case .laterStep: moveCursor(by: 1)
    case .details: view.overlay = .details
    case .screen(let screen): open(screen)
    case .nextScreen: open(view.screen.next())
    case .previousScreen: open(view.screen.next(-1))
    case .runOrPause, .next, .back, .nextDrop, .toRemoval, .restart, .fullRun, .repeatRuns:
      return drive(action)
    case .faster, .slower, .toggleBreakpoint, .typeBreakpoint: return play(action)
    case .pin: return pin()
    case .editInput: return openInputForm()
    default: return edit(action)
    }
    return []
  }

  private mutating func edit(_ action: AppAction) -> [Effect] {
    guard !run.isReplay else {
      say("a recording keeps its plan: run the clip itself to try another")
      return []
    }
    switch action {
    case .more: return turnBudget(by: 1)
    case .less: return turnBudget(by: -1)
    case .muchMore: return turnBudget(by: 5)
    case .muchLess: return turnBudget(by: -5)
    case .moreVideo: return turn(\.video, by: 1)
    case .lessVideo: return turn(\.video, by: -1)
    case .moreAudio: return turn(\.audio, by: 1)
    case .lessAudio: return turn(\.audio, by: -1)
    case .laterRemoval: return turnLateLayer(by: 1)
    case .earlierRemoval: return turnLateLayer(by: -1)
    case .nextMethod: return nextMethod()
    case .reset: return resetSettings()
    case .editPlan: return openPlanForm()
    default: break
    }
    return []
  }

  // MARK: - The engine

  private mutating func drive(_ action: AppAction) -> [Effect] {
    guard run.subject != nil else {
      say(run.isLoading ? "still loading" : "nothing is open: \(key(.quit)) quits")
      return []
    }
    view.inspected = nil
    // What the last key could not do may be untrue after this one.
    if view.toast?.role == .normal { view.toast = nil }
    if run.activity != .idle { return driveWhileBusy(action) }
    switch action {
    case .restart: return [.send(.restart)]
    case .fullRun: return [.send(.runFull)]
    case .repeatRuns: return repeatRuns()
    case .back: return step(back: true)
    case .next, .nextDrop, .toRemoval, .runOrPause: return forward(action)
    default: return []
    }
  }

  private mutating func driveWhileBusy(_ action: AppAction) -> [Effect] {
    switch action {
    case .runOrPause: return [.cancel]
    case .restart: return [.cancel, .send(.restart)]
    // Steps asked for one by one add up.
    case .next where run.isStepping: return [.send(.advance)]
    default:
      say("busy: \(key(.runOrPause)) pauses")
      return []
    }
  }

  private mutating func repeatRuns() -> [Effect] {
    guard run.isComplete else {
      say("repetitions need a complete run: \(key(.runOrPause)) runs it")
      return []
    }
    return [.send(.repeatRuns(Self.repetitions))]
  }

  private mutating func step(back: Bool) -> [Effect] {
    guard run.ledger.current.count > 0 else {
      say("this is the beginning")
      return []
    }
    return [.send(.back)]
  }

  private mutating func forward(_ action: AppAction) -> [Effect] {
    if run.isComplete, action != .runOrPause || run.answer?.isComplete == true {
      say(
        "the run is complete: \(key(.back)) steps back, \(key(.restart)) restarts, "
          + "\(key(.more)) and \(key(.less)) turn the budget")
      return []
    }
    run.isStepping = action == .next
    switch action {
    case .next: return [.send(.advance)]
    case .nextDrop: return [.send(.runToNextDrop)]
    case .toRemoval:
      guard run.plan.removalLayer != nil else {
        say(
          "this plan removes nothing late: \(key(.laterRemoval)) and \(key(.earlierRemoval)) "
            + "set the late layer")
        return []
      }
      return [.send(.runToRemoval)]
    default: return [.send(.run)]
    }
  }

  private mutating func saveReport() -> [Effect] {
    guard !run.isReplay else {
      say("a recording is its own report: seats-top export writes it in other forms")
      return []
    }
    guard run.isComplete else {
      say("the report needs a complete run: \(key(.runOrPause)) runs it")
      return []
    }
    return [.send(.saveReport(options.reportPath))]
  }

  // MARK: - The view

  private mutating func close() {
    if view.overlay != nil {
      view.overlay = nil
    } else if view.screen != .layers {
      open(.layers)
    } else {
      view.inspected = nil
      view.toast = nil
    }
  }

  mutating func open(_ screen: Screen) {
    view.screen = screen
    view.scroll = 0
    view.logTop = nil
    view.search?.place = nil
  }

  private mutating func nextTheme() {
    turnTheme(by: 1)
    say("theme \(options.theme)")
  }

  mutating func scrollHelp(_ action: AppAction) {
    guard case .help(let top) = view.overlay, let distance = action.distance(page: pageLength)
    else { return }
    let last = help(top: 0).lastTop(in: view.size)
    view.overlay = .help(top: min(last, max(0, top + distance)))
  }

  func help(top: Int) -> HelpOverlay {
    HelpOverlay(title: "Keys", sections: options.keys.helpSections, top: top)
  }

  // MARK: - Typing

  /// Text goes where a line is typed; nothing of it acts as a key.
  mutating func paste(_ text: String) {
    view.isQuitArmed = false
    switch view.overlay {
    case .plan(var form) where form.focus != .method:
      form.paste(text)
      view.overlay = .plan(form)
    case .input(var form):
      form.paste(text)
      view.overlay = .input(form)
    case .breakpoint(var editor):
      editor.paste(text)
      view.overlay = .breakpoint(editor)
    case .search(var editor):
      editor.paste(text)
      view.overlay = .search(editor)
    case .plan, .help, .details, .options, nil:
      say("pasted text is for lines that are typed: it did nothing here")
    }
  }

  /// A key for what is being typed; nil where nothing is, or where the key table has the key.
  private mutating func type(_ key: Key) -> [Effect]? {
    switch view.overlay {
    case .plan(var form):
      if key == .enter { return enter(form) }
      guard form.handle(key) else { return nil }
      view.overlay = .plan(form)
    case .input(var form):
      if key == .enter { return enter(form) }
      guard form.handle(key) else { return nil }
      view.overlay = .input(form)
    case .breakpoint(var editor):
      if key == .enter { return enter(breakpoint: editor.text) }
      guard editor.handle(key) else { return nil }
      view.overlay = .breakpoint(editor)
    case .search(var editor):
      if key == .enter { return enter(search: editor.text) }
      guard editor.handle(key) else { return nil }
      view.overlay = .search(editor)
    case .help, .details, .options, nil: return nil
    }
    return []
  }
}
