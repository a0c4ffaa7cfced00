/// Errors of reading a checkpoint directory. Cases carry evidence; messages are written by
/// `seats-top`.
public enum CheckpointError: Error, Sendable, Equatable {
  /// There is no such directory.
  case notADirectory(path: String)
  /// A required file is missing.
  case missingFile(path: String)
  /// A file cannot be read; `reason` is the system's message.
  case unreadable(path: String, reason: String)
  /// Invalid JSON or a missing key; `place` is a key path or a line.
  case badJSON(path: String, place: String, reason: String)
  /// An invalid or contradictory configuration value.
  case badConfiguration(path: String, key: String, value: String, expected: String)
  /// Contradictory keys, which transformers versions read differently.
  case contradiction(first: String, second: String, path: String)
  /// An unknown key that may change results.
  case unknownKey(path: String, key: String, value: String)
  /// A file or directory in an unsupported format.
  case foreignFormat(path: String, format: String)
  /// A LoRA directory without a model; `base` is the one it names.
  case adapterAlone(path: String, base: String?)
  /// config.json names an architecture that is not implemented.
  case unsupportedArchitecture(path: String, found: String)
  /// An invalid safetensors header; `offset` is the byte of the fault.
  case badHeader(path: String, offset: Int, reason: String)
  /// No file of the checkpoint holds this tensor.
  case missingTensor(name: String, path: String)
  /// A tensor with an unknown prefix; `name` is without prefixes.
  case foreignName(name: String, found: String, path: String)
  /// Two tensors with the same plain name.
  case ambiguousTensor(path: String, first: String, second: String)
  /// The files hold other parts of a model, such as `found`, and no thinker.
  case noThinker(found: String, path: String)
  /// Weights of a LoRA adapter that was not merged.
  case unmergedAdapter(name: String, path: String)
  /// No head, and no configuration ties it to the embeddings.
  case missingHead(name: String, path: String)
  /// The index names a shard, `path`, that does not hold the tensor.
  case wrongIndex(name: String, index: String, path: String)
  /// A repository of the Hugging Face hub is not in the cache.
  case notDownloaded(repository: String, cache: String)
  /// A tensor's shape contradicts the configuration.
  case shapeMismatch(name: String, path: String, expected: [Int], found: [Int])
  /// A LoRA directory cannot be merged into its base.
  case adapter(AdapterFault)
  /// Quantised weights cannot be read.
  case quantized(QuantizationFault)
  /// A tensor's element type is not supported.
  case unsupportedType(name: String, path: String, found: String)
  /// The weights do not fit in memory. Bytes.
  case tooLarge(path: String, required: Int, available: Int)
  /// A failed allocation for a matrix. Bytes.
  case allocationFailed(name: String, bytes: Int)
}
