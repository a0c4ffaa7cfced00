/// Why a LoRA directory cannot be merged into its base.
public enum AdapterFault: Error, Sendable, Equatable {
  /// The adapter's base is not where it should be; `reason` in a few words.
  case noBase(adapter: String, base: String?, reason: String)
  /// adapter_config.json asks for something that is not done.
  case unsupported(path: String, key: String, value: String)
  /// The adapter has no weights that are read.
  case noWeights(path: String, found: [String])
  /// Tensors of the adapter that belong to nothing in the base.
  case unknownTensors([String], path: String, base: String)
  /// Tensors of the adapter that do not fit one another, the configuration or the base.
  case wrongTensor(name: String, path: String, found: [Int], expected: String)
}
