import Terminal

extension App {
  /// Handles a pressed key and returns the effects.
  mutating func press(_ key: Key) -> [Effect] {
    let wasArmed = view.isQuitArmed
    view.isQuitArmed = false
    if wasArmed { view.toast = nil }
    if let effects = type(key) { return effects }
    guard let action = options.keys.action(for: key, in: view.context) else {
      let isOverlaid = view.overlay != nil
      let way = isOverlaid ? "\(self.key(.close)) closes this" : "\(self.key(.help)) lists the keys"
      say("\(key.label) does nothing here: \(way)")
      return []
    }
    return action.perform(in: &self)
  }

  // MARK: - Typing

  /// Inserts pasted text into the open line editor or form; pasted text never triggers a key
  /// binding.
  mutating func paste(_ text: String) -> [Effect] {
    view.isQuitArmed = false
    switch view.overlay {
    case .plan(var form) where form.focus != .method:
      form.paste(text)
      view.overlay = .plan(form)
    case .input(var form):
      form.paste(text)
      view.overlay = .input(form)
    case .breakpoint(var editor):
      editor.paste(text)
      view.overlay = .breakpoint(editor)
    case .search(var editor):
      editor.paste(text)
      view.overlay = .search(editor)
    case .ask(var editor):
      editor.paste(text)
      view.overlay = .ask(editor)
    case .list(var list):
      list.paste(text)
      view.overlay = .list(list)
      return lookUp(list)
    case .plan, .help, .details, .options, nil:
      say("paste is accepted in input lines only")
    }
    return []
  }

  /// Handles a key in an open line editor or form; nil if none is open or if the key is bound.
  private mutating func type(_ key: Key) -> [Effect]? {
    switch view.overlay {
    case .plan(var form):
      if key == .enter { return enter(form) }
      guard form.handle(key) else { return nil }
      view.overlay = .plan(form)
    case .input(var form):
      if key == .enter { return enter(form) }
      guard form.handle(key) else { return nil }
      view.overlay = .input(form)
    case .breakpoint(var editor):
      if key == .enter { return enter(breakpoint: editor.text) }
      guard editor.handle(key) else { return nil }
      view.overlay = .breakpoint(editor)
    case .search(var editor):
      if key == .enter { return enter(search: editor.text) }
      guard editor.handle(key) else { return nil }
      view.overlay = .search(editor)
    case .ask(var editor):
      if key == .enter { return enter(question: editor.text) }
      guard editor.handle(key) else { return nil }
      view.overlay = .ask(editor)
    case .list(let list): return type(key, in: list)
    case .help, .details, .options, nil: return nil
    }
    return []
  }
}
