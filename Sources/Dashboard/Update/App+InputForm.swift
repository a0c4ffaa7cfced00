extension App {
  mutating func openInputForm() -> [Effect] {
    view.overlay = .input(InputForm(options.input))
    return []
  }

  /// Applies the settings of a form; if a field is invalid, it gets the cursor instead.
  mutating func enter(_ form: InputForm) -> [Effect] {
    guard let settings = form.settings else {
      var corrected = form
      form.firstWrong.map { corrected.move(to: $0) }
      view.overlay = .input(corrected)
      return []
    }
    view.overlay = nil
    guard settings != options.input else {
      say("no change: same input")
      return []
    }
    options.input = settings
    return [.send(.prepare(settings))]
  }
}
