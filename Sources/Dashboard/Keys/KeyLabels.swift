/// Labels of keys for messages, according to the user's bindings in a context.
struct KeyLabels: Sendable, Equatable {
  private let table: AppKeyTable
  private let context: KeyContext

  init(_ table: AppKeyTable, in context: KeyContext) {
    (self.table, self.context) = (table, context)
  }

  /// Label of the key bound to an action, such as `n`, `space` or `^L`; the action's name in
  /// brackets if no key is bound.
  subscript(action: AppAction) -> String {
    table.label(of: action, in: context) ?? "[\(action.name)]"
  }
}

extension App {
  var keys: KeyLabels { KeyLabels(options.keys, in: .screen(view.screen)) }

  /// Label of the key bound to an action in the current context.
  func key(_ action: AppAction) -> String { keys[action] }
}
