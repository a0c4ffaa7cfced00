import Synchronization

/// A counter that several threads may increment.
final class Counter: Sendable {
  private let value: Atomic<Int>

  init(_ start: Int) {
    value = Atomic(start)
  }

  /// Adds 1.
  /// - Returns: the new value.
  func increment() -> Int { value.wrappingAdd(1, ordering: .relaxed).newValue }
}
