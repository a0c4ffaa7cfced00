import Dispatch
import Synchronization

/// Runs asynchronous work and blocks the calling thread until it returns. Must not be called on
/// threads of Swift's concurrency runtime.
public func blocking<Result: Sendable>(
  _ work: @escaping @Sendable () async throws -> Result
) throws -> Result {
  let box = Mutex<Swift.Result<Result, any Error>?>(nil)
  let isDone = DispatchSemaphore(value: 0)
  Task.detached {
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await work()) } catch { result = .failure(error) }
    box.withLock { $0 = result }
    isDone.signal()
  }
  isDone.wait()
  guard let result = box.withLock({ $0 }) else { preconditionFailure("signalled without result") }
  return try result.get()
}
