import Synchronization

/// The tensors of a checkpoint that were asked for, so that the others can be named.
final class ReadTensors: Sendable {
  private let names = Mutex<Set<String>>([])

  /// - Parameter name: the plain one.
  func note(_ name: String) { names.withLock { _ = $0.insert(name) } }

  func contains(_ name: String) -> Bool { names.withLock { $0.contains(name) } }
}
