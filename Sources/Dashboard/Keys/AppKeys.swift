import Terminal

/// The context in which a key binding is active: everywhere, a screen or an overlay.
public enum KeyContext: Sendable, Hashable {
  case screen(Screen)
  case help
  case details
  case options
  /// An open line editor, in which unbound keys are text.
  case prompt

  /// Name of the context in configuration files: that of a screen, or `help`, `details`, `options`,
  /// `prompt`.
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

/// The key table of the screen.
public typealias AppKeyTable = KeyTable<AppAction, KeyContext>

extension AppKeyTable {
  /// The default key bindings.
  public static let standard = keys(of: Screen.all)

  /// All key bindings: of the program and of each of these screens.
  static func keys(of screens: [Screen]) -> AppKeyTable {
    let places = Set(screens.map(KeyContext.screen))
    let everywhere = places.union([.help, .details, .options])
    let boundaries = screens.filter { $0.page.boundary != nil }.map(KeyContext.screen)
    let groups: [[Binding]] = [
      running(places), budget(places),
      moving(everywhere, boundaries: Set(boundaries)),
      screens.flatMap { $0.page.bindings }, asking(places), searching(places),
      opening(screens, in: places), program(places, everywhere: everywhere),
    ]
    return AppKeyTable(grouped(groups.flatMap { $0 }))
  }

  /// Key bindings grouped by heading, in the order in which headings first occur.
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

  /// Key bindings for lines of the help screen under one heading, active in these contexts.
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

  /// The action with this name in configuration files, such as `run-or-pause`.
  public func action(named name: String) -> AppAction? {
    bindings.lazy.map(\.action).first { $0.name == name }
  }

  /// The context with this name in configuration files: a screen such as `layers`, or `help`,
  /// `details`, `options`, `prompt`.
  public func context(named name: String) -> KeyContext? {
    bindings.lazy.flatMap(\.contexts).first { $0.name == name }
  }
}

/// A line of the help screen: a text and the actions that it describes.
struct KeyLine {
  /// An action with its default keys and its text in the hint bar.
  struct Entry {
    let keys: [Key]
    let action: AppAction
    let hint: String?

    init(_ keys: [Key], _ action: AppAction, hint: String? = nil) {
      (self.keys, self.action, self.hint) = (keys, action, hint)
    }
  }

  /// Text on the help screen; empty if the line is not listed.
  let help: String
  let entries: [Entry]

  init(_ help: String, _ entries: Entry...) {
    (self.help, self.entries) = (help, entries)
  }
}
