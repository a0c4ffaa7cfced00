import Dispatch
import Synchronization

/// Messages on their way to an engine's thread, in order.
final class Mailbox<Message: Sendable>: Sendable {
  private let messages = Mutex<[Message]>([])
  private let arrivals = DispatchSemaphore(value: 0)

  func push(_ message: Message) {
    edit { $0.append(message) }
    arrivals.signal()
  }

  /// Changes what waits; a message more must be announced by `push`.
  func edit(_ change: (inout [Message]) -> Void) {
    messages.withLock { change(&$0) }
  }

  /// The next message; nil where none comes in time.
  func next(_ patience: Patience) -> Message? {
    while true {
      let message = messages.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      if let message { return message }
      switch patience {
      case .none: return nil
      case .endless: arrivals.wait()
      case .until(let moment):
        let left = ContinuousClock.now.duration(to: moment)
        guard left > .zero else { return nil }
        _ = arrivals.wait(timeout: .now() + left / .seconds(1))
      }
    }
  }
}

/// How long to wait for a message.
enum Patience {
  case none, endless
  case until(ContinuousClock.Instant)
}
