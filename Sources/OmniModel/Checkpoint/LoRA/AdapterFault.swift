/// Errors of merging a LoRA adapter into its base model.
public enum AdapterFault: Error, Sendable, Equatable {
  /// The base model was not found; `reason` is short and lower case.
  case noBase(adapter: String, base: String?, reason: String)
  /// A setting in adapter_config.json that is not supported.
  case unsupported(path: String, key: String, value: String)
  /// The adapter contains no supported weights.
  case noWeights(path: String, found: [String])
  /// Tensors of the adapter that match no tensor of the base model.
  case unknownTensors([String], path: String, base: String)
  /// A tensor of the adapter whose shape contradicts its other tensors, the configuration or the
  /// base model.
  case wrongTensor(name: String, path: String, found: [Int], expected: String)
}
