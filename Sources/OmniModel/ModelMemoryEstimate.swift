import Basics
import Foundation
import Tensors

/// Estimated memory of a model's weights, in bytes.
struct ModelMemoryEstimate: Sendable {
  let weights: Int

  /// Estimates the memory of the weights in their compute precision.
  /// - Parameter unread: number of parameters that stay in the file and are read row by row.
  init(parameters: Int, unread: Int = 0, _ precision: Precision) {
    weights = precision.bytes(weights: max(0, parameters - unread)) ?? .max
  }
}
