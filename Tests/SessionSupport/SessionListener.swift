import Runs
import Selection
import Sessions
import Synchronization

/// Collects events; waits for one with a deadline.
public final class SessionListener: Sendable {
  private let events = Mutex<[SessionEvent]>([])

  public init() {}

  public func append(_ event: SessionEvent) { events.withLock { $0.append(event) } }
  public var all: [SessionEvent] { events.withLock { $0 } }
  public var steps: [PrefillStep] {
    all.compactMap { if case .advanced(let record) = $0 { record.step } else { nil } }
  }

  /// The command that edits the settings the run was opened with, as the screen sends it.
  public func configuring(_ edit: (inout SelectionSettings) -> Void) throws -> SessionCommand {
    let planned = all.lazy.compactMap { event -> PlannedSettings? in
      guard case .opened(let subject, let settings, _) = event else { return nil }
      return PlannedSettings(settings, for: subject.promptShape)
    }.first
    guard let planned else { throw NotOpened() }
    var settings = planned.settings
    edit(&settings)
    return .configure(PlannedSettings(settings, for: planned.shape), resume: true)
  }

  /// The first event after `start` that `isWanted`, and how many there were before it.
  public func next(
    after start: Int = 0, _ isWanted: (SessionEvent) -> Bool
  ) async throws -> Int {
    let deadline = ContinuousClock.now + .seconds(300)
    while ContinuousClock.now < deadline {
      if let index = all.indices.dropFirst(start).first(where: { isWanted(all[$0]) }) {
        return index
      }
      try await Task.sleep(for: .milliseconds(2))
    }
    throw Deadline()
  }
}

/// A wait without the event it was for.
public struct Deadline: Error {
  public init() {}
}

struct NotOpened: Error {}
