import Synchronization

/// Thread-safe set of the tensor names that were read, to report unused tensors.
final class ReadTensors: Sendable {
  private let names = Mutex<Set<String>>([])

  /// Records a tensor as read.
  /// - Parameter name: the name without prefixes.
  func note(_ name: String) { names.withLock { _ = $0.insert(name) } }

  func contains(_ name: String) -> Bool { names.withLock { $0.contains(name) } }
}
