/// Errors of merging a LoRA directory.
public enum AdapterFault: Error, Sendable, Equatable {
  /// The base was not found; `reason` is short, lower case.
  case noBase(adapter: String, base: String?, reason: String)
  /// An unsupported setting in adapter_config.json.
  case unsupported(path: String, key: String, value: String)
  /// The adapter has no supported weights.
  case noWeights(path: String, found: [String])
  /// Tensors of the adapter without a place in the base.
  case unknownTensors([String], path: String, base: String)
  /// A tensor of the adapter whose shape contradicts others, the configuration or the base.
  case wrongTensor(name: String, path: String, found: [Int], expected: String)
}
