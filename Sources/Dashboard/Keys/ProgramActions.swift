import Terminal

/// Actions of the program and its overlays.
extension AppAction {
  static let help = AppAction("help") { app in
    app.view.overlay = .help(top: 0)
    return []
  }
  static let close = AppAction("close") { app in
    app.close()
    return []
  }
  static let options = AppAction("options") { app in
    app.view.overlay = .options(selected: 0)
    return []
  }
  static let nextTheme = AppAction("next-theme") { app in
    app.changeTheme(by: 1)
    app.say("theme \(app.options.theme)")
    return []
  }
  static let toggleMouse = AppAction("toggle-mouse") { $0.toggleMouse() }
  static let saveReport = AppAction(
    "save-report",
    needs: [
      .live("no report in a replay: seats-top export converts the trace"),
      .complete("the report needs"),
    ]
  ) { [.send(.saveReport($0.options.reportPath))] }
  static let redraw = AppAction("redraw") { _ in [.repaint] }
  static let suspend = AppAction("suspend") { _ in [.suspend] }
  static let quit = AppAction("quit") { _ in [.quit(0)] }

  static func screen(_ screen: Screen) -> AppAction {
    AppAction("screen-\(screen.name)") { app in
      app.open(screen)
      return []
    }
  }
  static let nextScreen = AppAction("next-screen") { $0.openNeighbour(1) }
  static let previousScreen = AppAction("previous-screen") { $0.openNeighbour(-1) }
}

extension App {
  func help(top: Int) -> HelpOverlay {
    HelpOverlay(
      title: "Keys (\(key(.palette)) finds an action by words)",
      sections: options.keys.helpSections, top: top)
  }

  /// Closes the topmost overlay; without one, returns to the first screen; there, returns the
  /// cursor to the engine.
  fileprivate mutating func close() {
    if view.overlay != nil {
      view.overlay = nil
    } else if view.screen != .home {
      open(.home)
    } else {
      view.inspected = nil
      view.toast = nil
    }
  }

  mutating func open(_ screen: Screen) {
    view.open(screen)
    view.search?.place = nil
  }

  /// Opens the next screen for a step of 1, the previous one for −1, and continues at the other
  /// end.
  fileprivate mutating func openNeighbour(_ step: Int) -> [Effect] {
    let screens = options.screens
    let index = (screens.firstIndex(of: view.screen) ?? 0) + step
    open(screens[(index + screens.count) % screens.count])
    return []
  }
}

extension AppKeyTable {
  static func opening(_ screens: [Screen], in contexts: Set<KeyContext>) -> [Binding] {
    bindings(
      "Screens", in: contexts,
      screens.enumerated().map { index, screen in
        .init(
          screen.page.help,
          .init(digits(index + 1) + screen.page.openingKeys, .screen(screen)))
      } + [
        .init(
          "next, previous screen", .init([.tab], .nextScreen), .init([.backTab], .previousScreen))
      ]
    )
  }

  /// Default keys of a screen by its number: a digit for the first nine, Alt and a digit for the
  /// next nine.
  private static func digits(_ number: Int) -> [Key] {
    switch number {
    case 1...9: [.character(Character("\(number)"))]
    case 10...18: [.alt(Character("\(number - 9)"))]
    default: []
    }
  }

  static func program(_ screens: Set<KeyContext>, everywhere: Set<KeyContext>) -> [Binding] {
    let typing = everywhere.union([.prompt])
    func line(_ help: String, in contexts: Set<KeyContext>, _ entry: KeyLine.Entry) -> [Binding] {
      bindings("Program", in: contexts, [.init(help, entry)])
    }
    return [
      line(
        "list keys", in: screens.union([.details]),
        .init(["?", .function(1)], .help, hint: "help")),
      line("close, follow engine", in: typing, .init([.escape], .close)),
      line("", in: [.help], .init(["?", .function(1)], .close)),
      line("", in: [.details, .help], .init([.enter], .close)),
      line("options", in: screens, .init(["o"], .options)),
      line("", in: [.options], .init(["o"], .close)),
      line("", in: [.options], .init([.left, "h"], .changeOptionBack)),
      line("", in: [.options], .init([.right, "l", " ", .enter], .changeOption)),
      line("next theme", in: screens, .init(["t"], .nextTheme)),
      line("mouse on, off", in: screens, .init(["M"], .toggleMouse)),
      line("save the report", in: screens, .init(["s"], .saveReport)),
      line("redraw", in: typing, .init([.control("l")], .redraw)),
      line("suspend", in: everywhere, .init([.control("z")], .suspend)),
      line("quit", in: everywhere, .init(["q"], .quit, hint: "quit")),
    ].flatMap { $0 }
  }
}
