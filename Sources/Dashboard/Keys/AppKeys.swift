import Terminal

/// The context of a key binding.
public enum KeyContext: Sendable, Hashable {
  case screen(Screen)
  case help
  case details
  case options
  /// A line editor: unbound keys are text.
  case prompt

  /// The name in configurations: of a screen, or `help`, `details`, `options`, `prompt`.
  public var name: String {
    switch self {
    case .screen(let screen): screen.name
    case .help: "help"
    case .details: "details"
    case .options: "options"
    case .prompt: "prompt"
    }
  }
}

/// The key table of the app.
public typealias AppKeyTable = KeyTable<AppAction, KeyContext>

extension AppKeyTable {
  /// The default key bindings.
  public static let standard = keys(of: Screen.all)

  /// The bindings of the program and of each screen.
  static func keys(of screens: [Screen]) -> AppKeyTable {
    let places = Set(screens.map(KeyContext.screen))
    let everywhere = places.union([.help, .details, .options])
    let boundaries = screens.filter { $0.page.boundary != nil }.map(KeyContext.screen)
    let groups: [[Binding]] = [
      running(places), budget(places),
      moving(everywhere, boundaries: Set(boundaries)),
      screens.flatMap { $0.page.bindings }, searching(places),
      opening(screens, in: places), program(places, everywhere: everywhere),
    ]
    return AppKeyTable(grouped(groups.flatMap { $0 }))
  }

  /// Bindings grouped by heading, in order of first use.
  private static func grouped(_ bindings: [Binding]) -> [Binding] {
    var places: [String: Int] = [:]
    for binding in bindings where places[binding.group] == nil {
      places[binding.group] = places.count
    }
    let order = bindings.indices.sorted { one, other in
      (places[bindings[one].group] ?? 0, one) < (places[bindings[other].group] ?? 0, other)
    }
    return order.map { bindings[$0] }
  }

  /// The bindings of help lines under one heading, in these contexts.
  static func bindings(
    _ group: String, in contexts: Set<KeyContext>, _ lines: [KeyLine]
  ) -> [Binding] {
    lines.flatMap { line in
      line.entries.map { entry in
        Binding(
          entry.keys, entry.action, in: contexts, group: group, help: line.help, hint: entry.hint,
          line: line.entries[0].action)
      }
    }
  }

  /// The action of a name in configurations: `run-or-pause`.
  public func action(named name: String) -> AppAction? {
    bindings.lazy.map(\.action).first { $0.name == name }
  }

  /// The context of that name: a screen as `layers`, or `help`, `details`, `options`, `prompt`.
  public func context(named name: String) -> KeyContext? {
    bindings.lazy.flatMap(\.contexts).first { $0.name == name }
  }
}

/// A line of the help: a text and its actions.
struct KeyLine {
  /// An action, its keys and its word in the hint bar.
  struct Entry {
    let keys: [Key]
    let action: AppAction
    let hint: String?

    init(_ keys: [Key], _ action: AppAction, hint: String? = nil) {
      (self.keys, self.action, self.hint) = (keys, action, hint)
    }
  }

  /// Empty: not listed.
  let help: String
  let entries: [Entry]

  init(_ help: String, _ entries: Entry...) {
    (self.help, self.entries) = (help, entries)
  }
}
