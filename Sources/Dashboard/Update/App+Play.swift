import Reports
import Sessions
import Terminal

extension App {
  /// Step delays that can be selected.
  static let paces: [Duration] = [0, 50, 100, 200, 500, 1000, 2000].map { .milliseconds($0) }

  /// Number of repetitions that one key press requests.
  static let repetitions = 5

  mutating func changePace(by places: Int) -> [Effect] {
    let now = Self.paces.lastIndex { $0 <= run.pace } ?? 0
    let next = now + places
    guard Self.paces.indices.contains(next) else {
      say(
        places < 0
          ? "no step delay: \(key(.slower)) adds one" : "step delay at its maximum")
      return []
    }
    run.pace = Self.paces[next]
    say(
      run.pace == .zero
        ? "no step delay" : "step delay \(Measure.time(run.pace / .milliseconds(1)))"
    )
    return [.send(.pace(run.pace))]
  }

  /// Sets or removes a breakpoint before the selected step.
  mutating func toggleBreakpoint() -> [Effect] {
    let step = run.step(at: selectedRow)
    guard step != .encoders else {
      say("no breakpoint here: choose Stage I, a layer or the head")
      return []
    }
    return toggle(.before(step))
  }

  mutating func enter(breakpoint text: String) -> [Effect] {
    guard let breakpoint = BreakpointText.parse(text, layers: run.layers) else {
      if text.trimmed.isEmpty { view.overlay = nil }
      return []
    }
    view.overlay = nil
    return toggle(breakpoint)
  }

  private mutating func toggle(_ breakpoint: Breakpoint) -> [Effect] {
    if let index = run.breakpoints.firstIndex(of: breakpoint) {
      run.breakpoints.remove(at: index)
      say("removed breakpoint \(breakpoint)")
    } else {
      run.breakpoints.append(breakpoint)
      say("breakpoint \(breakpoint)")
    }
    return [.send(.setBreakpoints(run.breakpoints))]
  }
}

/// Parses a typed breakpoint.
enum BreakpointText {
  static let examples = "layer 9, drops, audio < 40, kept < 30 %"

  /// The breakpoint of a text; nil if the text is invalid or names a layer beyond the model's last.
  static func parse(_ text: String, layers: Int) -> Breakpoint? {
    let breakpoint = Breakpoint(text)
    if case .before(.layer(let layer)) = breakpoint, layer > layers { return nil }
    return breakpoint
  }
}

extension RunState {
  /// Name of the next step.
  var nextName: String { row(ledger.current.count)?.name ?? "" }

  /// Whether a breakpoint is set before a row, and whether one is expected to pause after it.
  func breakpoints(at row: LedgerRow) -> (isBefore: Bool, isAfter: Bool) {
    let whole = subject?.prompt.counts ?? row.entering
    let isAfter = breakpoints.contains {
      $0.stops(entering: row.entering, leaving: row.leaving, before: nil, whole: whole)
    }
    return (breakpoints.contains(.before(row.step)), isAfter)
  }
}
