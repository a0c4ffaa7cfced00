import Terminal

extension AppAction {
  /// As it stands in a configuration: `run-or-pause`, `screen-layers`.
  public var name: String {
    if case .screen(let screen) = self { return "screen-\(screen)" }
    return "\(self)".kebab
  }
}

extension KeyContext {
  /// As it stands in a configuration: the name of a screen, `help`, `details`, `options` or `prompt`.
  public var name: String {
    if case .screen(let screen) = self { return "\(screen)" }
    return "\(self)".kebab
  }
}

extension AppKeyTable {
  /// The action that a configuration calls by this name: `run-or-pause`.
  public func action(named name: String) -> AppAction? {
    bindings.lazy.map(\.action).first { $0.name == name }
  }

  /// The context of that name: a screen as `layers`, or `help`, `details`, `options`, `prompt`.
  public func context(named name: String) -> KeyContext? {
    bindings.lazy.flatMap(\.contexts).first { $0.name == name }
  }
}

extension String {
  /// `runOrPause` as `run-or-pause`.
  fileprivate var kebab: String {
    reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : String($1) }
  }
}

/// What sentences call the keys they point at: as the user has them.
struct SpokenKeys: Sendable, Equatable {
  private let table: AppKeyTable

  init(_ table: AppKeyTable = .standard) {
    self.table = table
  }

  /// `n`, `space`, `^L`; the name of an action that has no key.
  subscript(action: AppAction) -> String { table.label(of: action) ?? "[\(action.name)]" }
}

extension App {
  /// What a sentence calls the key of an action.
  func key(_ action: AppAction) -> String { run.keys[action] }
}
