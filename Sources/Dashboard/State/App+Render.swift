import Terminal

extension App {
  /// The smallest screen that shows anything of use.
  static let smallest = Size(width: 40, height: 10)

  /// The whole screen at a size; below the smallest, a line that says what is needed.
  public func render(size: Size, look: Look) -> Frame {
    var frame = Frame(size: size, look: look)
    guard size.width >= Self.smallest.width, size.height >= Self.smallest.height else {
      TooSmall(needed: Self.smallest).render(in: frame.area, to: &frame)
      return frame
    }
    let layout = AppLayout(size)
    HeaderLine(run, screen: layout.tabs.isEmpty ? view.screen : nil, now: view.now)
      .render(in: layout.header, to: &frame)
    TabStrip(open: view.screen).render(in: layout.tabs, to: &frame)
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
    case .breakpoint, .search, nil: break
    }
  }

  /// The row under the cursor.
  var selectedRow: Int { min(view.inspected ?? followedRow, max(0, run.stepCount - 1)) }

  /// The row looked at where nobody has moved the cursor: the engine's. At the end screens 2 and 3
  /// show the last choice, because after the head there is nothing left to see.
  private var followedRow: Int {
    guard run.isComplete, [.windows, .tokens].contains(view.screen) else { return run.engineRow }
    return run.ledger.current.lastIndex { $0.drop.map { $0.kind != .remove } ?? false }
      ?? run.engineRow
  }

  private static func isAlwaysThere(_ hint: HintBar.Hint) -> Bool {
    ["help", "quit"].contains(hint.action)
  }

  /// A recording keeps its plan.
  private static func forReplay(_ hints: [HintBar.Hint], isIdle: Bool) -> [HintBar.Hint] {
    hints.filter { !["more", "less"].contains($0.action) }.map {
      !isIdle && $0.action == "run" ? .init(action: "pause", key: $0.key) : $0
    }
  }

  private var hints: [HintBar.Hint] {
    switch view.context {
    case .prompt:
      var hints = [HintBar.Hint(action: "apply", key: "Enter")]
      if case .search = view.overlay { hints = [.init(action: "search", key: "Enter")] }
      if case .plan = view.overlay {
        hints += [.init(action: "field", key: "↑↓"), .init(action: "method", key: "←→")]
      }
      if case .input = view.overlay { hints.append(.init(action: "field", key: "↑↓")) }
      return hints + [.init(action: "leave as it was", key: "Esc")]
    case .options:
      return [
        .init(action: "change", key: "←→"), .init(action: "choose", key: "↑↓"),
        .init(action: "close", key: "Esc"),
      ]
    case .help, .details:
      return [.init(action: "close", key: "Esc"), .init(action: "scroll", key: "↑↓")]
    case .screen:
      let hints = options.keys.hints(in: view.context)
      // Where nothing could be opened, there is nothing to run.
      guard run.subject != nil || run.isLoading else { return hints.filter(Self.isAlwaysThere) }
      if run.isReplay { return Self.forReplay(hints, isIdle: run.activity == .idle) }
      guard run.activity != .idle else { return hints }
      return hints.map { $0.action == "run" ? .init(action: "pause", key: $0.key) : $0 }
    }
  }
}

/// What a screen shows on which nothing fits.
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
