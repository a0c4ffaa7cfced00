import Synchronization

/// A thread-safe counter.
final class Counter: Sendable {
  private let value: Atomic<Int>

  init(_ start: Int) {
    value = Atomic(start)
  }

  /// - Returns: the new value.
  func increment() -> Int { value.wrappingAdd(1, ordering: .relaxed).newValue }
}
