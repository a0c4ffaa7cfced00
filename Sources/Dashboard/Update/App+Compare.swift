import Runs
import Selection
import Sessions

extension App {
  /// The run that screen 5 compares with the current one, and what it is.
  var otherRun: (run: PinnedRun, title: String)? {
    let view = view[CompareScreen.self]
    if let pinned = view.pinned { return (pinned, "pinned") }
    if let full = run.pinnedFull { return (full, "full tokens") }
    return view.previous.map { ($0, "before the edit") }
  }

  /// Pins the current run for comparison.
  mutating func pin() -> [Effect] {
    guard let pinned = run.pinned else { return [] }
    view[CompareScreen.self].pinned = pinned
    say(
      "pinned \(run.planName): change settings, and \(key(.screen(.compare))) compares both", .good)
    return []
  }

  /// Makes the compared run the current one, and pins the current one.
  mutating func swapRuns() -> [Effect] {
    guard let other = otherRun?.run, let now = run.pinned else { return [] }
    view[CompareScreen.self].pinned = now
    var effects: [Effect] = []
    if other.clip.asked != now.clip.asked { effects.append(.send(.ask(other.clip.asked))) }
    if other.run.settings != run.settings { effects += apply(other.run.settings) }
    say("now \(other.name), pinned \(now.name): \(key(.swap)) swaps them again", .good)
    return effects
  }

  /// Keeps the current run as the one before an edit, if it is complete or if there is no other.
  mutating func keepBefore() {
    guard let now = run.pinned, run.isComplete || view[CompareScreen.self].previous == nil
    else { return }
    view[CompareScreen.self].previous = now
  }

  /// Keeps the current run if an event replaces it. Edits of the plan of a live run are shown
  /// before their event.
  mutating func keepBefore(_ event: SessionEvent) {
    switch event {
    case .opened(let subject, _, _):
      keepBefore()
      if subject.clip.source != view[CompareScreen.self].previous?.clip.source {
        view[CompareScreen.self].previous = nil
      }
    case .planned where run.isReplay: keepBefore()
    default: break
    }
  }
}

extension Requirement {
  /// Requires a run to compare with, about the same clip with the same input settings.
  static let swappable: Requirement = .init(reason: { app in
    guard let other = app.otherRun?.run else {
      return "no run to swap with: \(app.key(.pin)) pins this one"
    }
    let clip = app.run.subject?.clip
    return other.clip.source == clip?.source && other.clip.input == clip?.input
      ? nil : "the other run has another clip or other input settings"
  })
}
