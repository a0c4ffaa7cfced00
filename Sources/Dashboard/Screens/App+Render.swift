import Terminal

extension App {
  /// Minimum size of the screen, in cells.
  static let smallest = Size(width: 40, height: 10)

  /// Draws the screen at a size; below the minimum size, a message with both sizes.
  public func render(size: Size, look: Look) -> Frame {
    var frame = Frame(size: size, look: look)
    guard size.width >= Self.smallest.width, size.height >= Self.smallest.height else {
      TooSmall(needed: Self.smallest).render(in: frame.area, to: &frame)
      return frame
    }
    let layout = AppLayout(size)
    HeaderLine(run, screen: layout.tabs.isEmpty ? view.screen : nil, now: view.now)
      .render(in: layout.header, to: &frame)
    TabStrip(open: view.screen, of: options.screens).render(in: layout.tabs, to: &frame)
    view.screen.page.init(self).render(in: layout.body, to: &frame)
    HintBar(hints).render(in: layout.hints, to: &frame)
    StatusLine(self).render(in: layout.status, to: &frame)
    renderOverlay(over: layout.body, to: &frame)
    return frame
  }

  private func renderOverlay(over body: Rect, to frame: inout Frame) {
    switch view.overlay {
    case .help(let top): help(top: top).render(in: frame.area, to: &frame)
    case .details:
      let place = body.centered(Size(width: min(76, body.width - 2), height: body.height))
      frame.clear(place, as: .dialog)
      let inner = frame.box(place, title: "Details", as: .dialog).inset(horizontal: 1)
      BoundaryDetails(run, row: selectedRow, now: view.now).render(in: inner, to: &frame)
      frame.reground(place, as: .dialog)
    case .plan(let form):
      guard let subject = run.subject else { return }
      PlanFormPanel(form, subject, now: run.plan).render(in: body, to: &frame)
    case .input(let form):
      guard let subject = run.subject else { return }
      InputFormPanel(form: form, inForce: subject.clip.input).render(in: body, to: &frame)
    case .options(let selected):
      OptionsPanel(app: self, selected: selected).render(in: body, to: &frame)
    case .ask(let editor):
      guard let asked else { return }
      AskPanel(editor: editor, asked: asked, hasHistory: questions.hasSeveral)
        .render(in: body, to: &frame)
    case .list(let list): ListPanel(app: self, list: list).render(in: body, to: &frame)
    case .breakpoint, .search, nil: break
    }
  }

  /// Index of the selected ledger row.
  var selectedRow: Int { min(view.inspected ?? followedRow, max(0, run.stepCount - 1)) }

  /// Index of the ledger row that is selected until the user moves the cursor.
  private var followedRow: Int {
    guard run.isComplete, case .lastChoice = view.screen.page.boundary else { return run.engineRow }
    return run.ledger.current.lastIndex { $0.drop.map { $0.kind != .remove } ?? false }
      ?? run.engineRow
  }

  /// Key hints for the current state.
  var hints: [HintBar.Hint] {
    switch view.context {
    case .prompt:
      var hints = [HintBar.Hint(action: "apply", key: "Enter")]
      if case .search = view.overlay { hints = [.init(action: "search", key: "Enter")] }
      if case .plan = view.overlay {
        hints += [.init(action: "field", key: "↑↓"), .init(action: "method", key: "←→")]
      }
      if case .ask = view.overlay {
        hints = [.init(action: "ask", key: "Enter"), .init(action: "other questions", key: "↑↓")]
      }
      if case .list(let list) = view.overlay {
        hints = [
          .init(action: title(of: list.kind).enter, key: "Enter"),
          .init(action: "choose", key: "↑↓"),
        ]
      }
      if case .input = view.overlay { hints.append(.init(action: "field", key: "↑↓")) }
      return hints + [.init(action: "cancel", key: "Esc")]
    case .options:
      return [
        .init(action: "change", key: "←→"), .init(action: "choose", key: "↑↓"),
        .init(action: "close", key: "Esc"),
      ]
    case .help, .details:
      return [.init(action: "close", key: "Esc"), .init(action: "scroll", key: "↑↓")]
    case .screen:
      return options.keys.hinted(in: view.context).compactMap { binding in
        guard binding.action.refusal(in: self)?.isLasting != true, let hint = binding.hint
        else { return nil }
        let busyHint = run.activity == .idle ? nil : binding.action.busyHint
        return .init(action: busyHint ?? hint, key: binding.keys[0].label)
      }
    }
  }
}

/// The message on a screen below the minimum size.
struct TooSmall: Widget, Equatable {
  let needed: Size

  func render(in area: Rect, to frame: inout Frame) {
    let lines = [
      "too small", "\(area.width)×\(area.height) now", "\(needed.width)×\(needed.height) needed",
    ]
    let place = area.centered(Size(width: area.width, height: lines.count))
    for (index, line) in lines.enumerated() {
      frame.write(line, in: place.row(index), as: index == 0 ? .strong : .normal, align: .center)
    }
  }
}
