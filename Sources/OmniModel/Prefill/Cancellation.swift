import Synchronization

/// A request to stop, seen by the engine at least once per layer. Setting it is safe from any
/// thread.
public final class Cancellation: Sendable {
  private let isRequested = Atomic(false)

  public init() {}

  public func request() { isRequested.store(true, ordering: .relaxed) }
  public func clear() { isRequested.store(false, ordering: .relaxed) }

  public func check() throws(Cancelled) {
    if isRequested.load(ordering: .relaxed) { throw Cancelled() }
  }
}

/// The work was stopped on request; nothing it was changing has changed.
public struct Cancelled: Error, Sendable, Equatable {
  public init() {}
}
