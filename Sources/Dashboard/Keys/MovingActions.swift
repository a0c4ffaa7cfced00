/// A movement of a cursor or of the scrolled view.
enum Move: Sendable {
  case up, down, left, right, pageUp, pageDown, top, bottom

  /// Number of rows to move in a list: one row, a page, or to an end; nil for left and right.
  func distance(page: Int) -> Int? {
    switch self {
    case .up: -1
    case .down: 1
    case .pageUp: -page
    case .pageDown: page
    case .top: -100_000
    case .bottom: 100_000
    case .left, .right: nil
    }
  }
}

/// Actions for navigation and search.
extension AppAction {
  static let up = AppAction("up") { $0.move(.up) }
  static let down = AppAction("down") { $0.move(.down) }
  static let pageUp = AppAction("page-up") { $0.move(.pageUp) }
  static let pageDown = AppAction("page-down") { $0.move(.pageDown) }
  static let top = AppAction("top") { $0.move(.top) }
  static let bottom = AppAction("bottom") { $0.move(.bottom) }
  /// Moves the layer cursor, which all screens about one boundary share.
  static let earlierStep = layerCursor("earlier-step", by: -1)
  static let laterStep = layerCursor("later-step", by: 1)
  static let search = AppAction("search") { $0.openSearch() }
  static let findNext = AppAction("find-next", needs: [.searched]) { $0.findAgain(1) }
  static let findBefore = AppAction("find-before", needs: [.searched]) { $0.findAgain(-1) }

  static func layerCursor(_ name: String, by rows: Int) -> AppAction {
    AppAction(name, needs: [.open]) { app in
      app.moveCursor(by: rows)
      return []
    }
  }
}

extension Requirement {
  fileprivate static let searched: Requirement = .init(reason: { app in
    app.view.search == nil ? "no search yet: \(app.key(.search)) searches" : nil
  })
}

extension App {
  /// Moves the cursor of the topmost panel: help, options or screen.
  mutating func move(_ move: Move) -> [Effect] {
    switch view.overlay {
    case .help: scrollHelp(move)
    case .options(let selected): moveInOptions(move, selected)
    case .details, .plan, .input, .breakpoint, .search, .ask, .list, nil:
      view.screen.page.move(move, in: &self)
    }
    return []
  }

  mutating func scrollHelp(_ move: Move) {
    guard case .help(let top) = view.overlay, let distance = move.distance(page: pageLength)
    else { return }
    let last = help(top: 0).lastTop(in: view.size)
    view.overlay = .help(top: min(last, max(0, top + distance)))
  }

  /// Number of lines that a page key moves.
  var pageLength: Int { max(1, view.size.height / 2) }
}

extension AppKeyTable {
  static func moving(
    _ everywhere: Set<KeyContext>, boundaries: Set<KeyContext>
  ) -> [Binding] {
    bindings(
      "Navigation", in: everywhere,
      [.init("up, down", .init([.up, "k"], .up), .init([.down, "j"], .down))])
      + bindings(
        "Navigation", in: boundaries,
        [.init("previous, next layer", .init([","], .earlierStep), .init(["."], .laterStep))])
      + bindings(
        "Navigation", in: everywhere,
        [
          .init(
            "page up, down", .init([.pageUp, .control("u")], .pageUp),
            .init([.pageDown, .control("d")], .pageDown)),
          .init("first, last", .init(["g", .home], .top), .init(["G", .end], .bottom)),
        ])
  }

  static func searching(_ screens: Set<KeyContext>) -> [Binding] {
    bindings(
      "Navigation", in: screens,
      [
        .init("search this screen", .init(["/"], .search)),
        .init(
          "next, previous match", .init([")", .function(3)], .findNext), .init(["("], .findBefore)),
      ])
  }
}
