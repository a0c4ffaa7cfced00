/// One line of a key table: which keys do what, where, and what to call it.
public struct KeyBinding<Action: Hashable & Sendable, Context: Hashable & Sendable>: Sendable,
  Equatable
{
  public var keys: [Key]
  public let action: Action
  public var contexts: Set<Context>
  /// Heading it stands under in the help.
  public let group: String
  /// What the help says.
  public let help: String
  /// One word for the hint bar; nil keeps it out of there.
  public let hint: String?

  public init(
    _ keys: [Key], _ action: Action, in contexts: Set<Context>, group: String, help: String,
    hint: String? = nil
  ) {
    self.keys = keys
    self.action = action
    self.contexts = contexts
    self.group = group
    self.help = help
    self.hint = hint
  }
}

extension KeyBinding {
  /// The binding with other keys in some of its contexts, and as it was in the rest.
  fileprivate func split(_ part: Set<Context>, keys: [Key]) -> [KeyBinding] {
    var (changed, rest) = (self, self)
    (changed.keys, changed.contexts) = (keys, part)
    rest.contexts.subtract(part)
    return rest.contexts.isEmpty ? [changed] : [changed, rest]
  }
}

/// All keys of a program. The dispatcher, the hint bar and the help read this one table.
public struct KeyTable<Action: Hashable & Sendable, Context: Hashable & Sendable>: Sendable,
  Equatable
{
  /// One line of this table.
  public typealias Binding = KeyBinding<Action, Context>

  /// Two actions on one key in one context.
  public struct Conflict: Sendable, Equatable {
    public let key: Key
    public let context: Context
    public let actions: [Action]
  }

  /// In the order of the help and of the hint bar.
  public private(set) var bindings: [Binding]
  private var lookup: [Context: [Key: Action]] = [:]

  public init(_ bindings: [Binding]) {
    self.bindings = bindings
    index()
  }

  private mutating func index() {
    lookup = [:]
    for binding in bindings {
      for context in binding.contexts {
        for key in binding.keys where lookup[context]?[key] == nil {
          lookup[context, default: [:]][key] = binding.action
        }
      }
    }
  }

  /// What a key does in a context; of two bindings the first in the table wins.
  public func action(for key: Key, in context: Context) -> Action? {
    lookup[context]?[key]
  }

  /// The short name of an action's first key, wherever it has one first.
  public func label(of action: Action) -> String? {
    bindings.lazy.filter { $0.action == action }.compactMap(\.keys.first).first?.label
  }

  /// Keys with more than one action in a context.
  public var conflicts: [Conflict] {
    var found: [Conflict] = []
    var seen: [Context: [Key: [Action]]] = [:]
    for binding in bindings {
      for context in binding.contexts {
        for key in binding.keys {
          seen[context, default: [:]][key, default: []] += [binding.action]
        }
      }
    }
    for (context, keys) in seen {
      for (key, actions) in keys where actions.count > 1 {
        found.append(Conflict(key: key, context: context, actions: actions))
      }
    }
    return found
  }

  /// The table with other keys for an action, in every context it has.
  public func rebinding(_ action: Action, to keys: [Key]) -> KeyTable {
    var table = self
    table.rebind(action, to: keys, in: nil)
    return table
  }

  /// Gives an action other keys, in one context or in every one it has. Whatever else those keys
  /// did there they no longer do.
  /// - Returns: what lost a key: the key, the context, and the action that had it.
  @discardableResult
  public mutating func rebind(
    _ action: Action, to keys: [Key], in context: Context?
  ) -> [Conflict] {
    var lost: [Conflict] = []
    var bindings: [Binding] = []
    for binding in self.bindings {
      let concerned = context.map { binding.contexts.intersection([$0]) } ?? binding.contexts
      if binding.action == action, !concerned.isEmpty {
        bindings += binding.split(concerned, keys: keys)
      } else {
        bindings.append(binding)
      }
    }
    let owned = Set(bindings.filter { $0.action == action }.flatMap(\.contexts))
    self.bindings = bindings.flatMap { binding -> [Binding] in
      let shared = binding.contexts.intersection(context.map { [$0] } ?? owned)
      let taken = binding.keys.filter(keys.contains)
      guard binding.action != action, !shared.isEmpty, !taken.isEmpty else { return [binding] }
      for place in shared {
        lost += taken.map { Conflict(key: $0, context: place, actions: [binding.action]) }
      }
      return binding.split(shared, keys: binding.keys.filter { !keys.contains($0) })
    }
    index()
    return lost
  }

  /// Keys and words for the hint bar of a context, most important first.
  public func hints(in context: Context) -> [HintBar.Hint] {
    bindings.compactMap { binding in
      guard let hint = binding.hint, binding.contexts.contains(context), !binding.keys.isEmpty
      else { return nil }
      return HintBar.Hint(action: hint, key: binding.keys[0].label)
    }
  }

  /// The help: for every group its keys and sentences, in table order. Neighbours with the same
  /// sentence share a line; those without one are left out.
  public var helpSections: [HelpOverlay.Section] {
    var order: [String] = []
    var entries: [String: [HelpOverlay.Entry]] = [:]
    for binding in bindings where !binding.keys.isEmpty && !binding.help.isEmpty {
      if entries[binding.group] == nil { order.append(binding.group) }
      var keys = binding.keys.map(\.label).joined(separator: " ")
      if let last = entries[binding.group]?.last, last.text == binding.help {
        keys = "\(last.keys) \(keys)"
        entries[binding.group]?.removeLast()
      }
      entries[binding.group, default: []].append(.init(keys: keys, text: binding.help))
    }
    return order.map { HelpOverlay.Section(title: $0, entries: entries[$0] ?? []) }
  }
}
