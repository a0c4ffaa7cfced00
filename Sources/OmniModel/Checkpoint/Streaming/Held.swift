import Synchronization
import Tensors

/// Weights of one matrix product, or of several that are used together: resident in memory, or
/// streamed, which means loaded on use and evicted when memory is needed.
struct Held<Value: Sendable>: Sendable {
  private enum Place: Sendable {
    case resident(Value)
    case streamed(StreamedWeights<Value>)
  }

  private let place: Place

  init(_ value: Value) { place = .resident(value) }
  init(_ streamed: StreamedWeights<Value>) { place = .streamed(streamed) }

  /// The weights; loads them if necessary. They are valid as long as the caller keeps the value.
  var value: Value {
    switch place {
    case .resident(let value): value
    case .streamed(let weights): weights.value
    }
  }

  /// Starts reading the weights' files in the background if they are not loaded.
  func readAhead() {
    if case .streamed(let weights) = place { weights.readAhead() }
  }
}

/// Streamed weights, which a `WeightWindow` loads and evicts.
final class StreamedWeights<Value: Sendable>: Sendable {
  private let held = Mutex<Value?>(nil)
  private let window: WeightWindow
  private let index: Int
  private let make: @Sendable () throws(AllocationFailure) -> Value

  /// Weights that are loaded on use.
  /// - Parameters:
  ///   - unit: size and files of the weights.
  ///   - make: reads the weights; must always return the same values.
  init(
    _ unit: WeightUnit, in window: WeightWindow,
    _ make: @escaping @Sendable () throws(AllocationFailure) -> Value
  ) {
    (self.window, self.make) = (window, make)
    index = window.add(unit)
    window.setEviction(of: index) { [weak self] in self?.drop() ?? true }
  }

  var value: Value {
    window.begin(index)
    return held.withLock { held in
      if let held { return held }
      window.makeRoom(for: index)
      let made = made()
      // After a cancellation the weights are incomplete and must not be kept.
      guard !ProductThreads.isStopped else { return made }
      held = made
      window.note(loaded: index)
      return made
    }
  }

  func readAhead() { window.readAhead(index) }

  private func made() -> Value {
    do {
      return try make()
    } catch {
      WorkingMemory.refused(error)
    }
  }

  /// Evicts the weights; false while they are being loaded.
  private func drop() -> Bool {
    held.withLockIfAvailable { $0 = nil } != nil
  }
}
