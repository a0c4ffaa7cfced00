import OmniModel
import Runs
import Sessions
import Synchronization

@testable import Runs
@testable import Sessions

/// A session without a thread of its own: it works when it is told to, a piece at a time, so that a
/// seed gives the same sequence of events every time.
final class SteppedSession {
  private let controls = PlayerControls<Void>()
  private var player: Player<LiveRun>
  private let outbox = Outbox()

  /// Events of the engine, and when to be cancelled.
  private final class Outbox: Sendable {
    let events = Mutex<[SessionEvent]>([])
    /// Steps that may begin before one is cancelled midway; nil for none.
    let stepsToCancel = Mutex<Int?>(nil)
  }

  init(_ opened: OpenedRun, _ request: RunRequest) {
    let events = EventSink(
      { [outbox, controls] event in
        outbox.events.withLock { $0.append(event) }
        guard case .began = event else { return }
        let isDue = outbox.stepsToCancel.withLock { steps -> Bool in
          guard let left = steps else { return false }
          steps = left > 0 ? left - 1 : nil
          return left == 0
        }
        if isDue { controls.cancel() }
      })
    player = Player(LiveRun(ProfiledRun(opened, request), events), controls, events)
    player.open()
  }

  func send(_ command: SessionCommand) { controls.send(command) }
  func cancel() { controls.cancel() }

  /// Cancels in the middle of a step, after so many have begun.
  func cancel(afterSteps steps: Int) { outbox.stepsToCancel.withLock { $0 = steps } }

  /// - Returns: false where there was nothing to do.
  func work() -> Bool {
    let message = controls.inbox.next(.none)
    guard message != nil || player.isWorking else { return false }
    return player.turn(message)
  }

  func finishAll() { while work() {} }

  /// The oldest events that were not taken yet.
  func take(_ count: Int = .max) -> [SessionEvent] {
    outbox.events.withLock { events in
      let taken = Array(events.prefix(count))
      events.removeFirst(taken.count)
      return taken
    }
  }
}
