/// A key binding: keys, action, contexts and help text.
public struct KeyBinding<Action: Hashable & Sendable, Context: Hashable & Sendable>: Sendable,
  Equatable
{
  public var keys: [Key]
  public let action: Action
  public var contexts: Set<Context>
  /// Section of the help.
  public let group: String
  /// Help text.
  public let help: String
  /// One word for the hint bar; nil: not shown there.
  public let hint: String?
  /// The action whose help line it shares.
  public let line: Action

  /// - Parameter line: nil: a help line of its own.
  public init(
    _ keys: [Key], _ action: Action, in contexts: Set<Context>, group: String, help: String,
    hint: String? = nil, line: Action? = nil
  ) {
    self.keys = keys
    self.action = action
    self.contexts = contexts
    self.group = group
    self.help = help
    self.hint = hint
    self.line = line ?? action
  }
}

extension KeyBinding {
  /// The binding with other keys in the contexts `part`, and unchanged in the rest.
  fileprivate func split(_ part: Set<Context>, keys: [Key]) -> [KeyBinding] {
    var (changed, rest) = (self, self)
    (changed.keys, changed.contexts) = (keys, part)
    rest.contexts.subtract(part)
    return rest.contexts.isEmpty ? [changed] : [changed, rest]
  }
}

/// All key bindings of a program, used by dispatcher, hint bar and help.
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

  /// Bindings in the order of the help and the hint bar.
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

  /// The action of a key in a context; the first binding wins.
  public func action(for key: Key, in context: Context) -> Action? {
    lookup[context]?[key]
  }

  /// The short name of the first key of an action in a context, or in any context if it has none there.
  public func label(of action: Action, in context: Context) -> String? {
    let bound = bindings.filter { $0.action == action && !$0.keys.isEmpty }
    return (bound.first { $0.contexts.contains(context) } ?? bound.first)?.keys.first?.label
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

  /// The table with other keys for an action, in all its contexts.
  public func rebinding(_ action: Action, to keys: [Key]) -> KeyTable {
    var table = self
    table.rebind(action, to: keys, in: nil)
    return table
  }

  /// Sets the keys of an action in one or all of its contexts. Other bindings of those keys are
  /// removed.
  /// - Returns: removed bindings: the key, the context, and its former action.
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

  /// The bindings of the hint bar of a context, most important first.
  public func hinted(in context: Context) -> [Binding] {
    bindings.filter { $0.hint != nil && $0.contexts.contains(context) && !$0.keys.isEmpty }
  }

  /// The help: lines by group, in table order, each with the keys of its bindings. Bindings without
  /// text are omitted.
  public var helpSections: [HelpOverlay.Section] {
    var groups: [String] = []
    var lines: [String: [(action: Action, keys: [String], text: String)]] = [:]
    for binding in bindings where !binding.keys.isEmpty && !binding.help.isEmpty {
      if lines[binding.group] == nil { groups.append(binding.group) }
      let keys = binding.keys.map(\.label)
      var group = lines[binding.group] ?? []
      if let line = group.firstIndex(where: { $0.action == binding.line }) {
        group[line].keys += keys.filter { !group[line].keys.contains($0) }
      } else {
        group.append((binding.line, keys, binding.help))
      }
      lines[binding.group] = group
    }
    return groups.map { title in
      HelpOverlay.Section(
        title: title,
        entries: (lines[title] ?? []).map {
          .init(keys: $0.keys.joined(separator: " "), text: $0.text)
        })
    }
  }
}
