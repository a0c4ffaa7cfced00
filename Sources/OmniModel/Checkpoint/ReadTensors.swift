import Synchronization

/// Records the tensors that were read, to name unused ones.
final class ReadTensors: Sendable {
  private let names = Mutex<Set<String>>([])

  /// - Parameter name: the plain name.
  func note(_ name: String) { names.withLock { _ = $0.insert(name) } }

  func contains(_ name: String) -> Bool { names.withLock { $0.contains(name) } }
}
