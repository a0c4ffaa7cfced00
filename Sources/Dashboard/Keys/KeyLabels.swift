/// Key labels for messages, by the user's bindings in a context.
struct KeyLabels: Sendable, Equatable {
  private let table: AppKeyTable
  private let context: KeyContext

  init(_ table: AppKeyTable, in context: KeyContext) {
    (self.table, self.context) = (table, context)
  }

  /// `n`, `space`, `^L`; the action's name in brackets if unbound.
  subscript(action: AppAction) -> String {
    table.label(of: action, in: context) ?? "[\(action.name)]"
  }
}

extension App {
  var keys: KeyLabels { KeyLabels(options.keys, in: .screen(view.screen)) }

  /// The label of an action's key.
  func key(_ action: AppAction) -> String { keys[action] }
}
