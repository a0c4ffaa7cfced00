import Tensors

@testable import OmniModel

extension Prefill {
  /// Hidden states that left a layer of the thinker: [tokens, hiddenSize].
  func hiddenRows(afterLayer layer: Int) throws(PrefillError) -> Tensor {
    try engine.rows(of: hiddenStates(afterLayer: layer, Cancellation()))
  }
}
