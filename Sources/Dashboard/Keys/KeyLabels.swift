/// What sentences call the keys they point at: as the user has them, where they are read.
struct KeyLabels: Sendable, Equatable {
  private let table: AppKeyTable
  private let context: KeyContext

  init(_ table: AppKeyTable, in context: KeyContext) {
    (self.table, self.context) = (table, context)
  }

  /// `n`, `space`, `^L`; the name of an action that has no key.
  subscript(action: AppAction) -> String {
    table.label(of: action, in: context) ?? "[\(action.name)]"
  }
}

extension App {
  var keys: KeyLabels { KeyLabels(options.keys, in: .screen(view.screen)) }

  /// What a sentence calls the key of an action.
  func key(_ action: AppAction) -> String { keys[action] }
}
