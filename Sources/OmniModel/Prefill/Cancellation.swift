import Synchronization

/// A request to stop, seen by the engine between pieces of work that take milliseconds. Setting it
/// is safe from any thread.
public final class Cancellation: Sendable {
  private let flag = Atomic(false)

  public init() {}

  /// Asks the engine to stop.
  public func request() { flag.store(true, ordering: .relaxed) }
  /// Takes the request back, before the next piece of work.
  public func clear() { flag.store(false, ordering: .relaxed) }

  public var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Called by the engine between pieces of work; throws `cancelled` once there is a request.
  public func check() throws(PrefillError) {
    if isRequested { throw .cancelled }
  }
}

/// Why a step of a prefill did not finish; nothing it was changing has changed.
public enum PrefillError: Error, Sendable, Equatable {
  /// Stopped on request.
  case cancelled
  /// The step gave infinities or no numbers at all: the weights are broken.
  case notFinite(PrefillStep)
  /// The prefill does not fit in memory; nothing was computed. Bytes.
  case tooLarge(PrefillForecast, available: Int)
}
