/// A live or replayed run on its own threads: receives commands, reports events.
public protocol SessionDriver: Sendable {
  /// Starts the threads; each first calls `prepareThread`.
  func start(prepareThread: @escaping @Sendable () -> Void)
  func send(_ command: SessionCommand)
  /// Cancels current work.
  func cancel()
  /// Cancels, and ends the threads.
  func close()
}

extension Session: SessionDriver {}
