import Basics
import Foundation
import Tensors

/// Estimated memory of a model, in bytes.
struct ModelMemoryEstimate: Sendable {
  let weights: Int

  /// Estimates the weights in their compute precision.
  /// - Parameter unread: parameters read row by row from the file.
  init(parameters: Int, unread: Int = 0, _ precision: Precision) {
    weights = precision.bytes(weights: max(0, parameters - unread)) ?? .max
  }

  /// Throws if the estimate exceeds the available memory.
  /// - Parameter available: nil if unknown.
  func check(
    _ path: String, available: Int? = MachineMemory.available
  ) throws(CheckpointError) {
    guard let available, weights > available else { return }
    throw .tooLarge(path: path, required: weights, available: available)
  }
}
