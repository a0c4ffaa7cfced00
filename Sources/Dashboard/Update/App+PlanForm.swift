import Selection
import Terminal

extension App {
  mutating func openPlanForm() -> [Effect] {
    guard let subject = run.subject else { return [] }
    view.overlay = .plan(
      PlanForm(
        run.settings, methods: options.methods, shape: subject.promptShape, pairs: run.pairs))
    return []
  }

  /// Applies the settings of a form; if a field is invalid, it gets the cursor instead.
  mutating func enter(_ form: PlanForm) -> [Effect] {
    guard let settings = form.settings else {
      var corrected = form
      form.firstWrong.map { corrected.move(to: $0) }
      view.overlay = .plan(corrected)
      return []
    }
    view.overlay = nil
    return apply(settings)
  }
}

/// Drop layers as text: `16-18-20`, `16,18`, or `none`.
enum DropLayerText {
  /// Parses drop layers.
  /// - Returns: the layers, ascending; nil if the text is invalid or a layer is not in 1…`last`.
  static func parse(_ text: String, last: Int) -> [Int]? {
    text.trimmed.isEmpty ? [] : try? LayerListText.layers(text, last: last)
  }

  static func text(_ layers: [Int]) -> String { LayerListText.text(layers) }
}
