/// A run on threads of its own that takes commands and reports events: live or recorded.
public protocol SessionDriver: Sendable {
  /// Begins, on threads of its own; the first thing each calls is `prepareThread`.
  func start(prepareThread: @escaping @Sendable () -> Void)
  func send(_ command: SessionCommand)
  /// Stops whatever runs.
  func cancel()
  /// Cancels, and ends the threads.
  func close()
}

extension Session: SessionDriver {}
