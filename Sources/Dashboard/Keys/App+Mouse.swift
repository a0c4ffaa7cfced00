import Terminal

extension App {
  /// Turns mouse reports on or off. While they are off, the terminal itself uses the mouse to
  /// select text.
  mutating func toggleMouse() -> [Effect] {
    view.isMouseOn.toggle()
    say(
      view.isMouseOn
        ? "mouse on: click a tab, a row or a token; \(key(.toggleMouse)) turns it off"
        : "mouse off: the terminal selects text")
    return [.mouse(view.isMouseOn)]
  }

  /// Handles a mouse event: the wheel scrolls; a click selects, or closes an overlay.
  mutating func mouse(_ event: MouseEvent) -> [Effect] {
    view.isQuitArmed = false
    switch event.kind {
    case .wheelUp: wheel(-1)
    case .wheelDown: wheel(1)
    case .press: click(x: event.x, y: event.y)
    }
    return []
  }

  private mutating func wheel(_ step: Int) {
    switch view.context {
    case .prompt: return
    case .help: scrollHelp(step < 0 ? .up : .down)
    case .screen, .details, .options: view.screen.page.wheel(step, in: &self)
    }
  }

  private mutating func click(x: Int, y: Int) {
    switch view.context {
    case .prompt: return
    case .help, .details, .options: view.overlay = nil
    case .screen:
      let layout = AppLayout(view.size)
      if let tab = TabStrip(open: view.screen, of: options.screens).tabs(in: layout.tabs)
        .first(where: { $0.place.contains(x: x, y: y) })
      {
        open(tab.screen)
      } else if layout.body.contains(x: x, y: y) {
        view.screen.page.click(x: x, y: y, body: layout.body, in: &self)
      }
    }
  }
}
