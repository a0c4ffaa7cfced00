import Profiling
import Terminal

/// What can be changed while the program runs, beside the plan: a line of the options each.
enum OptionLine: Int, Sendable, CaseIterable {
  case theme, colors, glyphs, mouse, pace, tokenColors, pictures, sweepAxis

  var label: String {
    switch self {
    case .theme: "theme"
    case .colors: "colours"
    case .glyphs: "glyphs"
    case .mouse: "mouse"
    case .pace: "runs wait"
    case .tokenColors: "token colours"
    case .pictures: "picture size"
    case .sweepAxis: "sweep against"
    }
  }

  /// What does the same outside the options.
  var action: AppAction? {
    switch self {
    case .theme: .nextTheme
    case .mouse: .toggleMouse
    case .pace: .slower
    case .tokenColors: .toggleHeat
    case .pictures: .zoom
    case .sweepAxis: .turnAxis
    case .colors, .glyphs: nil
    }
  }
}

extension App {
  func value(of line: OptionLine) -> String {
    switch line {
    case .theme: options.theme
    case .colors: options.isColorless ? "none" : "as the terminal can"
    case .glyphs: options.isASCIIOnly ? "ASCII" : "as the terminal can"
    case .mouse: view.isMouseOn ? "for this program" : "for the terminal, to select text"
    case .pace:
      run.pace == .zero
        ? "not at all" : "\(Measure.time(run.pace / .milliseconds(1))) after each step"
    case .tokenColors: view.tokens.showsHeat ? "relevance" : "as seen"
    case .pictures: view.tokens.zoom.map { "\($0) pixels to a token" } ?? "as it fits"
    case .sweepAxis: run.study.axis == .time ? "prefill time" : "reference FLOPs"
    }
  }

  /// Changes the line under the cursor, forwards or backwards.
  mutating func turnOption(_ selected: Int, by step: Int) -> [Effect] {
    guard let line = OptionLine(rawValue: selected) else { return [] }
    switch line {
    case .theme: turnTheme(by: step)
    case .colors: options.isColorless.toggle()
    case .glyphs: options.isASCIIOnly.toggle()
    case .mouse: return toggleMouse()
    case .pace: return turnPace(by: step)
    case .tokenColors: view.tokens.showsHeat.toggle()
    case .pictures: view.tokens.turnZoom(by: step)
    case .sweepAxis: run.study.axis = run.study.axis == .time ? .flops : .time
    }
    return []
  }

  mutating func turnTheme(by step: Int) {
    let index = (options.themes.firstIndex(of: options.theme) ?? -step) + step
    options.theme = options.themes[(index + options.themes.count) % options.themes.count]
  }

  /// A moving key where the options are open.
  mutating func moveInOptions(_ action: AppAction, _ selected: Int) -> [Effect]? {
    switch action {
    case .left: return turnOption(selected, by: -1)
    case .right: return turnOption(selected, by: 1)
    default:
      guard let distance = action.distance(page: 100) else { return nil }
      let last = OptionLine.allCases.count - 1
      view.overlay = .options(selected: min(last, max(0, selected + distance)))
      return []
    }
  }
}
