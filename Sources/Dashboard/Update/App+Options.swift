import Reports
import Terminal

/// A line of the options panel: a setting that can be changed while the program runs.
struct OptionLine: Sendable {
  let label: String
  /// The action whose key changes the same setting; nil if there is none.
  let action: AppAction?
  let value: @Sendable (App) -> String
  /// Changes the setting: to the next value for 1, to the previous one for −1.
  let turn: @Sendable (inout App, Int) -> [Effect]

  init(
    _ label: String, _ action: AppAction? = nil, value: @escaping @Sendable (App) -> String,
    turn: @escaping @Sendable (inout App, Int) -> [Effect]
  ) {
    self.label = label
    self.action = action
    self.value = value
    self.turn = turn
  }

  /// An option with two values, or for which forwards and backwards are the same.
  init(
    _ label: String, _ action: AppAction? = nil, value: @escaping @Sendable (App) -> String,
    change: @escaping @Sendable (inout App, Int) -> Void
  ) {
    self.init(label, action, value: value) { app, step in
      change(&app, step)
      return []
    }
  }
}

extension OptionLine {
  /// Options of the program; screens add their own.
  static let program = [theme, colors, glyphs, mouse, pace]

  static let theme = OptionLine("theme", .nextTheme) {
    $0.options.theme
  } change: {
    $0.changeTheme(by: $1)
  }

  static let colors = OptionLine("colours") {
    $0.options.isColorless ? "none" : "automatic"
  } change: { app, _ in
    app.options.isColorless.toggle()
  }

  static let glyphs = OptionLine("glyphs") {
    $0.options.isASCIIOnly ? "ASCII" : "automatic"
  } change: { app, _ in
    app.options.isASCIIOnly.toggle()
  }

  static let mouse = OptionLine("mouse", .toggleMouse) {
    $0.view.isMouseOn ? "for this program" : "for the terminal, to select text"
  } turn: { app, _ in
    app.toggleMouse()
  }

  static let pace = OptionLine("step delay", .slower) {
    $0.run.pace == .zero
      ? "none" : "\(Measure.time($0.run.pace / .milliseconds(1))) after each step"
  } turn: {
    $0.changePace(by: $1)
  }
}

extension AppAction {
  /// Actions of the left and right arrow in the options panel.
  static let changeOption = AppAction("right") { $0.changeOption(by: 1) }
  static let changeOptionBack = AppAction("left") { $0.changeOption(by: -1) }
}

extension App {
  var optionLines: [OptionLine] { OptionLine.program + options.screens.flatMap { $0.page.options } }

  /// Changes the option under the cursor.
  fileprivate mutating func changeOption(by step: Int) -> [Effect] {
    guard case .options(let selected) = view.overlay, optionLines.indices.contains(selected)
    else { return [] }
    return optionLines[selected].turn(&self, step)
  }

  mutating func changeTheme(by step: Int) {
    let index = (options.themes.firstIndex(of: options.theme) ?? -step) + step
    options.theme = options.themes[(index + options.themes.count) % options.themes.count]
  }

  /// Moves the cursor in the options panel.
  mutating func moveInOptions(_ move: Move, _ selected: Int) {
    guard let distance = move.distance(page: 100) else { return }
    view.overlay = .options(selected: min(optionLines.count - 1, max(0, selected + distance)))
  }
}
