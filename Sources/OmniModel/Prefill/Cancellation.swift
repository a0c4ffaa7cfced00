import Synchronization

/// A request to stop, seen by the engine at least once per layer. Setting it is safe from any
/// thread.
public final class Cancellation: Sendable {
  private let isRequested = Atomic(false)

  public init() {}

  public func request() { isRequested.store(true, ordering: .relaxed) }
  public func clear() { isRequested.store(false, ordering: .relaxed) }

  public func check() throws(PrefillError) {
    if isRequested.load(ordering: .relaxed) { throw .cancelled }
  }
}

/// Why a step of a prefill did not finish; nothing it was changing has changed.
public enum PrefillError: Error, Sendable, Equatable {
  /// Stopped on request.
  case cancelled
  /// The step gave infinities or no numbers at all: the weights are broken.
  case notFinite(PrefillStep)
}
