import Foundation

/// A checkpoint: the tensors of the thinker (the language model with its encoders) in a Hugging
/// Face directory, in one file or in shards named by an index. Other parts of an omni model
/// (talker, vocoder) are not opened.
public struct Checkpoint: Sendable {
  /// A tensor of the checkpoint and the file that contains it.
  struct Located: Sendable {
    /// The tensor's name in the file, with prefixes.
    let name: String
    let file: SafetensorsFile
    let entry: SafetensorsFile.Entry
  }

  public let directory: String
  /// All tensors of the thinker by name without prefixes: `model.…`, `lm_head.…`, `visual.…`,
  /// `audio_tower.…`.
  let tensors: [String: Located]
  let names: TensorNames
  /// Safetensors files that contain tensors of the thinker.
  let opened: [SafetensorsFile]
  /// Names of the tensors read so far, without prefixes.
  let read = ReadTensors()
  /// Quantisation settings and the quantised matrices.
  let quantization: Quantization
  /// A LoRA adapter that is merged into the weights while they are read; nil without one.
  private(set) var adapter: Adapter?
  /// Whether fused expert tensors may be stored transposed.
  var mayTransposeExperts = false

  /// Opens `model.safetensors`, or all shards listed in `model.safetensors.index.json`.
  public init(_ directory: String) throws(CheckpointError) {
    self.directory = directory
    let single = directory + "/model.safetensors"
    let index = directory + "/model.safetensors.index.json"
    if FileManager.default.fileExists(atPath: single) {
      let file = try SafetensorsFile(single)
      names = TensorNames(file.entries.keys)
      tensors = names.written.compactMapValues { name in
        file.entries[name].map { Located(name: name, file: file, entry: $0) }
      }
      opened = [file]
      quantization = try Quantization(directory, file.entries.keys, names)
    } else if FileManager.default.fileExists(atPath: index) {
      let map = try JSONFile(index).decode(ShardIndex.self).weight_map
      names = TensorNames(map.keys)
      (tensors, opened) = try Self.shards(map, names, index, directory)
      quantization = try Quantization(directory, map.keys, names)
    } else {
      throw .missingFile(path: single)
    }
    if let (first, second) = names.ambiguous {
      throw .ambiguousTensor(path: directory, first: first, second: second)
    }
  }

  private static func shards(
    _ map: [String: String], _ names: TensorNames, _ index: String, _ directory: String
  ) throws(CheckpointError) -> ([String: Located], [SafetensorsFile]) {
    let wanted = names.written.compactMapValues { map[$0] }
    var opened: [String: SafetensorsFile] = [:]
    for name in Set(wanted.values) {
      guard !name.contains("/"), !name.isEmpty, name.utf8.allSatisfy({ $0 >= 32 }) else {
        throw .badJSON(
          path: index, place: "weight_map", reason: "\(name) is not a file of the directory")
      }
      opened[name] = try SafetensorsFile(directory + "/" + name)
    }
    var tensors: [String: Located] = [:]
    for (plain, shard) in wanted.sorted(by: { $0.key < $1.key }) {
      let name = names.written[plain] ?? plain
      guard let file = opened[shard], let entry = file.entries[name] else {
        throw .wrongIndex(name: name, index: index, path: directory + "/" + shard)
      }
      tensors[plain] = Located(name: name, file: file, entry: entry)
    }
    return (tensors, Array(opened.values))
  }

  /// Names of the thinker's tensors, without prefixes.
  var tensorNames: [String] { Array(tensors.keys) }

  /// Element type of most weights, its display name (the scheme's name for quantised weights), and
  /// the number of parameters. Quantised matrices count their decoded elements.
  var content: (type: ElementType?, name: String, parameters: Int) {
    var counts: [ElementType: Int] = [:]
    var parameters = 0
    for (name, tensor) in tensors
    where !quantization.isPart(name)
      || name.hasSuffix(".weight") && ElementType(rawValue: tensor.entry.type) != nil
    {
      let count = tensor.entry.shape.reduce(1, *)
      parameters += count
      if let type = ElementType(rawValue: tensor.entry.type) { counts[type, default: 0] += count }
    }
    let most = counts.max { $0.value < $1.value }
    guard let quantized = quantizedContent() else {
      return (most?.key, most?.key.name ?? "unknown", parameters)
    }
    let isMost = quantized.parameters > most?.value ?? 0
    return (
      isMost ? quantized.type : most?.key,
      isMost ? quantized.name : "\(most?.key.name ?? "unknown"), \(quantized.name)",
      parameters + quantized.parameters
    )
  }

  /// A stored tensor of any element type by name without prefixes; nil if it is missing or its size
  /// contradicts its type.
  func part(_ name: String) -> StoredPart? {
    guard let tensor = tensors[name] else { return nil }
    let (entry, file) = (tensor.entry, tensor.file.file)
    let bytes = StoredPart.width(entry.type).map { $0 * entry.shape.reduce(1, *) }
    guard bytes == nil || bytes == entry.range.count, entry.shape.allSatisfy({ $0 <= 1 << 32 })
    else { return nil }
    return StoredPart(
      name: tensor.name, type: entry.type, shape: entry.shape, file: file, range: entry.range)
  }

  /// Whether the files contain an output head (`lm_head`), in any form.
  var hasHead: Bool { tensors.keys.contains { $0.hasPrefix("lm_head.") } }

  /// Sets a LoRA directory, which is merged into all tensors read from now on.
  mutating func adapt(_ directory: String) throws(CheckpointError) {
    adapter = try Adapter(directory, base: self)
  }

  /// Whether a tensor of this name exists: as such, fused with other experts, or quantised.
  func has(_ name: String) -> Bool {
    if tensors[name] != nil || quantization.tensors(ofWeight: name) != nil { return true }
    guard let fused = FusedExperts(name),
      let tensor = fused.names.lazy.compactMap({ tensors[$0] }).first
    else { return false }
    return fused.expert < tensor.entry.shape.first ?? 0
  }

  /// The tensor with this name and shape, read on demand.
  /// - Parameter name: the name without prefixes.
  /// - Throws: `CheckpointError` if it is missing or has another shape or an unsupported type.
  func stored(_ name: String, shape: [Int]) throws(CheckpointError) -> StoredTensor {
    guard let adapter else { return try unadapted(name, shape: shape) }
    return try adapter.adapted(name, shape: shape) { () throws(CheckpointError) in
      try unadapted(name, shape: shape)
    }
  }

  private func unadapted(_ name: String, shape: [Int]) throws(CheckpointError) -> StoredTensor {
    if let decoded = try quantized(name, shape: shape) { return decoded }
    if let tensor = tensors[name] {
      read.note(name)
      return try Self.stored(tensor, shape: shape, numbers: nil)
    }
    if let fused = FusedExperts(name), let whole = fused.names.first(where: { tensors[$0] != nil }),
      let tensor = tensors[whole], let experts = tensor.entry.shape.first, fused.expert < experts
    {
      read.note(whole)
      let other = fused.otherNames.lazy.compactMap { tensors[$0]?.entry.shape }.first
      let isTransposed = fused.isTransposed(
        tensor.entry.shape, of: shape, experts: experts, other: other)
      guard let isTransposed, !isTransposed || mayTransposeExperts else {
        throw .shapeMismatch(
          name: tensor.name, path: tensor.file.file.path,
          expected: fused.shape(of: shape, experts: experts), found: tensor.entry.shape)
      }
      if isTransposed {
        let whole = try Self.stored(tensor, shape: tensor.entry.shape, numbers: nil)
        return StoredTensor(
          shape: shape, type: .float32, place: .made(fused.transposedRows(of: shape, in: whole)))
      }
      return try Self.stored(tensor, shape: shape, numbers: fused.range(of: shape))
    }
    throw missing(name)
  }

  /// A stored tensor, or a range of its elements, with the given shape.
  /// - Parameter numbers: range of elements to read, in row-major order; nil for all.
  private static func stored(
    _ tensor: Located, shape: [Int], numbers: Range<Int>?
  ) throws(CheckpointError) -> StoredTensor {
    let (entry, path) = (tensor.entry, tensor.file.file.path)
    guard numbers != nil || entry.shape == shape else {
      throw .shapeMismatch(name: tensor.name, path: path, expected: shape, found: entry.shape)
    }
    guard let type = ElementType(rawValue: entry.type) else {
      throw .unsupportedType(name: tensor.name, path: path, found: entry.type)
    }
    let bytes =
      numbers.map { numbers in
        let start = entry.range.lowerBound
        return start + numbers.lowerBound * type.width..<start + numbers.upperBound * type.width
      } ?? entry.range
    return StoredTensor(shape: shape, type: type, place: .mapped(tensor.file.file, bytes))
  }

  /// The error for a missing tensor; names present in the files suggest the cause.
  private func missing(_ name: String) -> CheckpointError {
    if let adapter = names.adapters.first {
      return .unmergedAdapter(name: adapter, path: directory)
    }
    if let found = names.foreign(endingAs: name) {
      return .foreignName(name: name, found: found, path: directory)
    }
    if tensors.isEmpty, let found = names.otherParts.first ?? names.foreign.first {
      return .noThinker(found: found, path: directory)
    }
    return .missingTensor(name: spelled(name), path: directory)
  }

  /// The stored name of a tensor: the prefix of these files and its plain name.
  func spelled(_ name: String) -> String { names.container + name }
}
