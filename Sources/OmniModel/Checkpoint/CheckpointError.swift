/// Why a checkpoint directory cannot be used. Cases carry the evidence; sentences are made
/// elsewhere.
public enum CheckpointError: Error, Sendable, Equatable {
  /// There is no such directory.
  case notADirectory(path: String)
  /// A file the checkpoint needs is not there.
  case missingFile(path: String)
  /// A file is there and cannot be read; `reason` is the system's.
  case unreadable(path: String, reason: String)
  /// A JSON file does not parse or lacks what it must say; `place` is a key path or a line.
  case badJSON(path: String, place: String, reason: String)
  /// A configuration value that makes no sense, or contradicts another.
  case badConfiguration(path: String, key: String, value: String, expected: String)
  /// Two keys contradict each other, and versions of transformers read them differently.
  case contradiction(first: String, second: String, path: String)
  /// A key that is not understood and may change what is computed.
  case unknownKey(path: String, key: String, value: String)
  /// A file, or a directory of files, in a format that is not read.
  case foreignFormat(path: String, format: String)
  /// A directory that holds a LoRA adapter and no model; `base` is the one it names.
  case adapterAlone(path: String, base: String?)
  /// config.json names an architecture that is not implemented.
  case unsupportedArchitecture(path: String, found: String)
  /// A safetensors header is wrong; `offset` is the byte it was found at.
  case badHeader(path: String, offset: Int, reason: String)
  /// No file of the checkpoint holds this tensor.
  case missingTensor(name: String, path: String)
  /// A tensor is there below a prefix that is not known; `name` is without prefixes.
  case foreignName(name: String, found: String, path: String)
  /// Two tensors have the same meaning.
  case ambiguousTensor(path: String, first: String, second: String)
  /// The files hold other parts of a model, such as `found`, and no thinker.
  case noThinker(found: String, path: String)
  /// The weights wait for a LoRA adapter that was not merged into them.
  case unmergedAdapter(name: String, path: String)
  /// There is no head, and no configuration says that the embeddings are to be used.
  case missingHead(name: String, path: String)
  /// The index says that a shard, `path`, holds a tensor that is not in it.
  case wrongIndex(name: String, index: String, path: String)
  /// A repository of the Hugging Face hub is not in the cache.
  case notDownloaded(repository: String, cache: String)
  /// A tensor has another shape than the configuration asks for.
  case shapeMismatch(name: String, path: String, expected: [Int], found: [Int])
  /// A LoRA directory cannot be merged into its base.
  case adapter(AdapterFault)
  /// Quantised weights cannot be read.
  case quantized(QuantizationFault)
  /// A tensor is stored in a type that weights do not come in.
  case unsupportedType(name: String, path: String, found: String)
  /// The weights do not fit in memory. Bytes.
  case tooLarge(path: String, required: Int, available: Int)
  /// The system refuses the memory for a matrix. Bytes.
  case memoryRefused(name: String, bytes: Int)
}
