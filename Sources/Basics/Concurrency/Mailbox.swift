import Dispatch
import Glibc
import Synchronization

/// A thread-safe message queue: any thread sends, one thread receives.
///
/// The receiver either waits in `next` or, if it also waits for other input, polls `descriptor` and
/// calls `drain`.
public final class Mailbox<Message: Sendable>: Sendable {
  private let waiting = Mutex<[Message]>([])
  private let arrivals = DispatchSemaphore(value: 0)
  private let readEnd, writeEnd: Int32

  /// Creates an empty queue.
  /// - Parameter hasDescriptor: whether a pipe signals messages to `poll`. If no file descriptor is
  ///   free, `drain` still returns the messages.
  public init(hasDescriptor: Bool = false) {
    var ends: [Int32] = [-1, -1]
    if hasDescriptor, pipe(&ends) != 0 { ends = [-1, -1] }
    for end in ends where end >= 0 {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    for end in [readEnd, writeEnd] where end >= 0 { close(end) }
  }

  /// A file descriptor that is readable while messages are queued; -1 if there is none.
  public var descriptor: Int32 { readEnd }

  /// Adds a message to the queue; never blocks.
  public func push(_ message: Message) {
    let isFirst = waiting.withLock { queue in
      queue.append(message)
      return queue.count == 1
    }
    guard writeEnd >= 0 else {
      arrivals.signal()
      return
    }
    guard isFirst else { return }
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }

  /// Edits the queued messages in place; must not add messages.
  public func edit(_ change: (inout [Message]) -> Void) {
    waiting.withLock { change(&$0) }
  }

  /// Removes and returns the next message; nil on timeout. For a queue without a descriptor.
  public func next(_ policy: WaitPolicy) -> Message? {
    while true {
      let message = waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      if let message { return message }
      switch policy {
      case .none: return nil
      case .endless: arrivals.wait()
      case .until(let moment):
        let left = ContinuousClock.now.duration(to: moment)
        guard left > .zero else { return nil }
        _ = arrivals.wait(timeout: .now() + left / .seconds(1))
      }
    }
  }

  /// Removes and returns all messages, oldest first; never blocks.
  public func drain() -> [Message] {
    var bytes = [UInt8](repeating: 0, count: 64)
    while readEnd >= 0, read(readEnd, &bytes, bytes.count) > 0 {}
    return waiting.withLock { queue in
      defer { queue.removeAll(keepingCapacity: true) }
      return queue
    }
  }
}

/// How long to wait for a message.
public enum WaitPolicy: Sendable {
  case none, endless
  case until(ContinuousClock.Instant)
}
