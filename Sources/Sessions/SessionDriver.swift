/// A live or recorded run on its own threads: receives commands and reports events.
public protocol SessionDriver: Sendable {
  /// Starts the threads; each of them first calls `prepareThread`.
  func start(prepareThread: @escaping @Sendable () -> Void)
  func send(_ command: SessionCommand)
  /// Cancels the current work.
  func cancel()
  /// Cancels the current work and ends the threads.
  func close()
}

extension Session: SessionDriver {}
