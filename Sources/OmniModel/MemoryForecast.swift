import Foundation
import Tensors

/// What a model will take, before it takes it. Bytes.
struct MemoryForecast: Sendable {
  let weights: Int

  /// Weights are kept in the precision they are computed in.
  /// - Parameter unread: parameters that stay in the file, of which few rows are ever read.
  init(parameters: Int, unread: Int = 0, _ precision: Precision) {
    weights = precision.bytes(weights: max(0, parameters - unread)) ?? .max
  }

  /// Refuses what is more than the machine has to give.
  /// - Parameter available: nil where the machine does not tell.
  func check(
    _ path: String, available: Int? = MachineMemory.available
  ) throws(CheckpointError) {
    guard let available, weights > available else { return }
    throw .tooLarge(path: path, required: weights, available: available)
  }
}
