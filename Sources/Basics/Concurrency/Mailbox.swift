import Dispatch
import Glibc
import Synchronization

/// A queue of messages from any thread to one receiving thread.
///
/// The receiver either waits in `next` or, if it also waits for other input, polls `descriptor` and
/// calls `drain`.
public final class Mailbox<Message: Sendable>: Sendable {
  private let waiting = Mutex<[Message]>([])
  private let arrivals = DispatchSemaphore(value: 0)
  private let readEnd, writeEnd: Int32

  /// - Parameter hasDescriptor: whether a pipe announces messages to `poll`. If no descriptor is
  ///   free, messages are still returned by `drain`.
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

  /// Readable while messages are queued; -1 if none.
  public var descriptor: Int32 { readEnd }

  /// Adds a message; never blocks.
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

  /// Edits the queued messages; must not add any.
  public func edit(_ change: (inout [Message]) -> Void) {
    waiting.withLock { change(&$0) }
  }

  /// Removes the next message; nil on timeout. For a mailbox without a descriptor.
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

  /// Removes all messages, oldest first; never blocks.
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
