/// A key binding: keys, action, contexts and help text.
public struct KeyBinding<Action: Hashable & Sendable, Context: Hashable & Sendable>: Sendable,
  Equatable
{
  public var keys: [Key]
  public let action: Action
  public var contexts: Set<Context>
  /// Section of the help screen in which the binding is listed.
  public let group: String
  /// Text of the binding on the help screen.
  public let help: String
  /// Text in the hint bar, one word; nil if it is not shown there.
  public let hint: String?
  /// Action with whose help line this binding is merged; its own action if it has a separate line.
  public let line: Action

  /// A key binding.
  /// - Parameter line: action with whose help line the binding is merged; nil for a separate line.
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
  /// The binding with other keys in the contexts `part`, and with unchanged keys in the other
  /// contexts.
  fileprivate func split(_ part: Set<Context>, keys: [Key]) -> [KeyBinding] {
    var (changed, rest) = (self, self)
    (changed.keys, changed.contexts) = (keys, part)
    rest.contexts.subtract(part)
    return rest.contexts.isEmpty ? [changed] : [changed, rest]
  }
}

/// All key bindings of a program, from which key handling, hint bar and help screen are made.
public struct KeyTable<Action: Hashable & Sendable, Context: Hashable & Sendable>: Sendable,
  Equatable
{
  /// One key binding of this table.
  public typealias Binding = KeyBinding<Action, Context>

  /// Two actions bound to one key in one context.
  public struct Conflict: Sendable, Equatable {
    public let key: Key
    public let context: Context
    public let actions: [Action]
  }

  /// Key bindings in the order of help screen and hint bar.
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

  /// The action of a key in a context; if several are bound, the first.
  public func action(for key: Key, in context: Context) -> Action? {
    lookup[context]?[key]
  }

  /// Short name of the first key of an action in a context; if it has none there, in any context.
  public func label(of action: Action, in context: Context) -> String? {
    let bound = bindings.filter { $0.action == action && !$0.keys.isEmpty }
    return (bound.first { $0.contexts.contains(context) } ?? bound.first)?.keys.first?.label
  }

  /// Keys bound to more than one action in a context.
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

  /// A copy of the table with other keys for an action, in all its contexts.
  public func rebinding(_ action: Action, to keys: [Key]) -> KeyTable {
    var table = self
    table.rebind(action, to: keys, in: nil)
    return table
  }

  /// Sets the keys of an action in one or all of its contexts, and removes other bindings of these
  /// keys.
  /// - Returns: the removed bindings: key, context and former action.
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

  /// Key bindings for the hint bar of a context, most important first.
  public func hinted(in context: Context) -> [Binding] {
    bindings.filter { $0.hint != nil && $0.contexts.contains(context) && !$0.keys.isEmpty }
  }

  /// Contents of the help screen: lines by section, in the order of the table, each with the keys
  /// of its bindings. Bindings without a text are left out.
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
