/// Errors of reading a checkpoint directory. Cases carry the evidence; `seats-top` writes the
/// messages.
public enum CheckpointError: Error, Sendable, Equatable {
  /// There is no file or directory at this path.
  case notADirectory(path: String)
  /// A required file of the checkpoint is missing.
  case missingFile(path: String)
  /// A file of the checkpoint cannot be read; `reason` is the system's message.
  case unreadable(path: String, reason: String)
  /// Invalid JSON or a missing key in a checkpoint file; `place` is a key path or a line.
  case badJSON(path: String, place: String, reason: String)
  /// A configuration value is invalid or contradicts another.
  case badConfiguration(path: String, key: String, value: String, expected: String)
  /// Two configuration keys contradict each other, and transformers versions read them differently.
  case contradiction(first: String, second: String, path: String)
  /// A configuration key that is unknown and may change results.
  case unknownKey(path: String, key: String, value: String)
  /// A file or directory in an unsupported checkpoint format.
  case foreignFormat(path: String, format: String)
  /// A directory with a LoRA adapter but no model; `base` is the model that the adapter names.
  case adapterAlone(path: String, base: String?)
  /// config.json names a model architecture that is not implemented.
  case unsupportedArchitecture(path: String, found: String)
  /// An invalid safetensors header; `offset` is the position of the error in bytes.
  case badHeader(path: String, offset: Int, reason: String)
  /// A tensor that is in no file of the checkpoint.
  case missingTensor(name: String, path: String)
  /// A tensor with an unknown name prefix; `name` is without prefixes.
  case foreignName(name: String, found: String, path: String)
  /// Two tensors whose names are equal after prefixes are removed.
  case ambiguousTensor(path: String, first: String, second: String)
  /// The files contain other parts of an omni model, such as `found`, but no thinker.
  case noThinker(found: String, path: String)
  /// The files contain weights of a LoRA adapter that was not merged.
  case unmergedAdapter(name: String, path: String)
  /// There is no output head, and no configuration ties it to the embeddings.
  case missingHead(name: String, path: String)
  /// The index names `path` as the shard of a tensor, but the tensor is not in that file.
  case wrongIndex(name: String, index: String, path: String)
  /// A repository of the Hugging Face Hub is not in the local cache.
  case notDownloaded(repository: String, cache: String)
  /// A tensor's shape differs from the one that the configuration requires.
  case shapeMismatch(name: String, path: String, expected: [Int], found: [Int])
  /// A LoRA adapter cannot be merged into its base model.
  case adapter(AdapterFault)
  /// Quantised weights cannot be read.
  case quantized(QuantizationFault)
  /// A tensor has an element type that is not supported.
  case unsupportedType(name: String, path: String, found: String)
  /// The weights do not fit in memory, not even streamed. In bytes: all weights, the smallest bound
  /// that would be enough, and the bound.
  case tooLarge(path: String, weights: Int, least: Int, bound: Int)
  /// The limit of the address space is too small even if weights are streamed, by `missing` bytes.
  case addressSpace(path: String, weights: Int, missing: Int)
  /// Memory for a weight matrix of `bytes` bytes could not be allocated.
  case allocationFailed(name: String, bytes: Int)
  /// The process that is to compute the model could not be opened.
  case engine(EngineFault)
}
