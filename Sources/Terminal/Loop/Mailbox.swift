import Glibc
import Synchronization

/// Messages from other threads to the one that owns the screen, with a pipe that becomes readable
/// while there are any.
public final class Mailbox<Message: Sendable>: Sendable {
  private let waiting = Mutex<[Message]>([])
  private let readEnd, writeEnd: Int32

  public init() {
    var ends: [Int32] = [-1, -1]
    // Without a pipe (no descriptors left) messages are still seen at the next key or tick.
    if pipe(&ends) != 0 { ends = [-1, -1] }
    for end in ends where end >= 0 {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    for end in [readEnd, writeEnd] where end >= 0 { close(end) }
  }

  /// The descriptor to wait on.
  public var descriptor: Int32 { readEnd }

  /// Adds a message; never blocks. Any thread.
  public func post(_ message: Message) {
    let isFirst = waiting.withLock { queue in
      queue.append(message)
      return queue.count == 1
    }
    guard isFirst else { return }
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }

  /// Takes all messages, oldest first.
  public func drain() -> [Message] {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(readEnd, &bytes, bytes.count) > 0 {}
    return waiting.withLock { queue in
      defer { queue.removeAll(keepingCapacity: true) }
      return queue
    }
  }
}
