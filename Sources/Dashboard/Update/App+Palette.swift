import Terminal

extension App {
  /// Every action of the screens, every option and every theme.
  var paletteItems: [ListItem] {
    let here = KeyContext.screen(view.screen)
    let bindings = options.keys.bindings.filter { !$0.help.isEmpty && $0.action != .palette }
    let own = Self.distinct(bindings.filter { $0.contexts.contains(here) }, known: [])
    // An action of another screen opens that screen first.
    let others = options.screens.filter { $0 != view.screen }.flatMap { screen in
      Self.distinct(
        bindings.filter { $0.contexts == [.screen(screen)] }, known: own.map(\.help)
      ).map { item($0, on: screen, bindings) }
    }
    return own.map { item($0, on: nil, bindings) } + others + optionItems + themeItems
  }

  /// Bindings with different actions, without those whose help text is known.
  private static func distinct(
    _ bindings: [AppKeyTable.Binding], known: [String]
  ) -> [AppKeyTable.Binding] {
    var names: Set<String> = []
    return bindings.filter { !known.contains($0.help) && names.insert($0.action.name).inserted }
  }

  /// A line for an action.
  /// - Parameter screen: the screen to open first; nil for the open one.
  private func item(
    _ binding: AppKeyTable.Binding, on screen: Screen?, _ all: [AppKeyTable.Binding]
  ) -> ListItem {
    let action = binding.action
    let isShared = all.contains { $0.help == binding.help && $0.action != action }
    let place = screen.map { "\($0.title): " } ?? ""
    let text = place + binding.help + (isShared ? ": \(action.name)" : "")
    let keys = binding.keys.map(\.label).joined(separator: " ")
    var opened = self
    if let screen { opened.open(screen) }
    let refusal = action.refusal(in: opened)
    let name = StyledLine("\(action.name), \(binding.group)", .faint)
    return ListItem(
      label: keys, text: StyledLine(text, refusal == nil ? .normal : .faint),
      note: refusal.map { StyledLine("not now: \($0.reason)", .warning) } ?? name,
      words: "\(text) \(action.name) \(binding.group) \(keys)", isAvailable: refusal == nil
    ) { app in
      if let screen, refusal == nil { app.open(screen) }
      return action.perform(in: &app)
    }
  }

  private var optionItems: [ListItem] {
    optionLines.map { option in
      ListItem(
        label: option.action.map { key($0) } ?? "",
        text: [.span("option \(option.label): "), .span(option.value(self), .strong)],
        note: StyledLine("Enter selects its next value", .faint),
        words: "option \(option.label) \(option.value(self))"
      ) { app in
        let effects = option.turn(&app, 1)
        app.say("\(option.label): \(option.value(app))")
        return effects
      }
    }
  }

  private var themeItems: [ListItem] {
    options.themes.map { name in
      ListItem(
        label: name == options.theme ? "now" : "", text: StyledLine("theme \(name)"),
        note: StyledLine("the colours of the screen", .faint), words: "theme colours \(name)"
      ) { app in
        app.options.theme = name
        app.say("theme \(name)")
        return []
      }
    }
  }
}
