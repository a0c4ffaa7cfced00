import Foundation

/// A LoRA adapter of the thinker: low-rank factors merged into the base model's matrices while they
/// are read, and tensors that replace those of the base model.
struct Adapter: Sendable {
  let directory: String
  let configuration: AdapterConfiguration
  let file: SafetensorsFile
  /// Low-rank factors by plain name of the adapted tensor.
  private var factors: [String: LowRank] = [:]
  private var replacements: [String: StoredTensor] = [:]
  private var rows: [String: (StoredTensor, [Int: Int])] = [:]
  /// Low-rank factors of expert matrices fused in one parameter (transformers 5), by module name.
  private var experts: [String: [ExpertFactors]] = [:]

  /// Reads a LoRA directory and matches its tensors with the base model.
  /// - Parameter base: checkpoint of the base model.
  /// - Throws: `.adapter` for unsupported adapters, and for tensors that match none of the base
  ///   model.
  init(_ directory: String, base: Checkpoint) throws(CheckpointError) {
    self.directory = directory
    configuration = try AdapterConfiguration(directory: directory)
    let path = directory + "/adapter_model.safetensors"
    guard FileManager.default.fileExists(atPath: path) else {
      let found = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
      throw .adapter(
        .noWeights(path: path, found: found.filter { $0.hasPrefix("adapter_model") }.sorted()))
    }
    file = try SafetensorsFile(path)
    do throws(AdapterFault) {
      try take(base)
    } catch {
      throw .adapter(error)
    }
  }

  private mutating func take(_ base: Checkpoint) throws(AdapterFault) {
    var unknown: [String] = []
    for name in file.entries.keys.sorted() {
      let key = AdapterKey(name)
      if key.isOutsideThinker { continue }
      switch key.role {
      case .a, .embeddingA: try takeFactors(key, base, &unknown)
      case .b, .embeddingB:
        if file.entries[key.partner] == nil {
          throw .unknownTensors([name], path: file.file.path, base: base.directory)
        }
      case .magnitude:
        guard configuration.file.use_dora == true else {
          throw .unsupported(path: configuration.path, key: "use_dora", value: "false")
        }
      case .bias: throw .unsupported(path: configuration.path, key: "lora_bias", value: "true")
      case .tokens: try takeRows(key, base, &unknown)
      case .replacement:
        if base.has(key.target) {
          replacements[key.target] = try tensor(name)
        } else {
          unknown.append(name)
        }
      }
    }
    guard unknown.isEmpty else {
      throw .unknownTensors(unknown, path: file.file.path, base: base.directory)
    }
  }

  private mutating func takeFactors(
    _ key: AdapterKey, _ base: Checkpoint, _ unknown: inout [String]
  ) throws(AdapterFault) {
    guard file.entries[key.partner] != nil else { return unknown.append(key.name) }
    let (a, b) = (try tensor(key.name), try tensor(key.partner))
    guard a.shape.count == 2, b.shape.count == 2, a.shape[0] == b.shape[1], a.shape[0] > 0 else {
      throw wrong(key.partner, b.shape, "\([b.shape.first ?? 0, a.shape.first ?? 0])")
    }
    if key.module.hasSuffix(".mlp.experts") {
      return try takeExperts(key, a, b, base, &unknown)
    }
    let target = key.module + ".weight"
    guard base.has(target) else { return unknown.append(key.name) }
    let rank = try configuration.rank(key.path)
    guard rank == a.shape[0] else {
      throw wrong(key.name, a.shape, "rank \(rank) of adapter_config.json")
    }
    var lengths: StoredTensor?
    if configuration.file.use_dora == true {
      guard key.role == .a else {
        throw .unsupported(path: configuration.path, key: "use_dora", value: "true for embeddings")
      }
      lengths = try key.magnitudes.first { file.entries[$0] != nil }.map {
        name throws(AdapterFault) in try tensor(name)
      }
      guard let lengths, lengths.shape.reduce(1, *) == b.shape[0] else {
        throw wrong(key.magnitudes[0], lengths?.shape ?? [], "\([b.shape[0]])")
      }
    }
    factors[target] = LowRank(
      a: a, b: b, isEmbedding: key.role == .embeddingA,
      scale: try configuration.scale(key.path, rank: rank), lengths: lengths)
  }

  private mutating func takeExperts(
    _ key: AdapterKey, _ a: StoredTensor, _ b: StoredTensor, _ base: Checkpoint,
    _ unknown: inout [String]
  ) throws(AdapterFault) {
    var count = 0
    while base.has("\(key.module).\(count).gate_proj.weight") { count += 1 }
    guard count > 0 else { return unknown.append(key.name) }
    guard a.shape[0] % count == 0 else {
      throw wrong(key.name, a.shape, "a multiple of \(count) experts")
    }
    let rank = a.shape[0] / count
    experts[key.module, default: []].append(
      ExpertFactors(
        name: key.name, a: a, b: b, count: count, rank: rank,
        scale: try configuration.scale(key.path, rank: rank)))
  }

  private mutating func takeRows(
    _ key: AdapterKey, _ base: Checkpoint, _ unknown: inout [String]
  ) throws(AdapterFault) {
    let target = key.module + ".weight"
    guard base.has(target) else { return unknown.append(key.name) }
    let found = try tensor(key.name)
    guard let tokens = configuration.tokens(key.path), found.shape.count == 2,
      tokens.count == found.shape[0], tokens.allSatisfy({ $0 >= 0 })
    else {
      throw wrong(key.name, found.shape, "a row for each of trainable_token_indices")
    }
    let places = Dictionary(
      tokens.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { $1 })
    rows[target] = (found, places)
  }

  private func tensor(_ name: String) throws(AdapterFault) -> StoredTensor {
    guard let entry = file.entries[name] else {
      throw .unknownTensors([name], path: file.file.path, base: directory)
    }
    guard let type = ElementType(rawValue: entry.type) else {
      throw wrong(name, entry.shape, "F32, BF16 or F16, not \(entry.type)")
    }
    return StoredTensor(shape: entry.shape, type: type, place: .mapped(file.file, entry.range))
  }

  private func wrong(_ name: String, _ found: [Int], _ expected: String) -> AdapterFault {
    .wrongTensor(name: name, path: file.file.path, found: found, expected: expected)
  }
}

extension Adapter {
  /// The audit fact that the adapter was merged.
  var fact: CheckpointFact {
    let count = factors.count + experts.values.reduce(0) { $0 + $1.count }
    let others = replacements.count + rows.count
    let replaced = others == 0 ? "" : ", \(others) tensors replaced"
    return CheckpointFact(
      "adapter",
      "\(count) matrices merged with the LoRA adapter \(directory) as they are read\(replaced)")
  }

  /// A tensor of the base model after merging the adapter.
  /// - Parameter base: reads the tensor of the base model; not called if the adapter replaces it.
  func adapted(
    _ name: String, shape: [Int], _ base: () throws(CheckpointError) -> StoredTensor
  ) throws(CheckpointError) -> StoredTensor {
    var tensor: StoredTensor
    if let replacement = replacements[name] {
      guard replacement.shape == shape else {
        throw .adapter(wrong(name, replacement.shape, "\(shape)"))
      }
      tensor = replacement
    } else {
      tensor = try base()
    }
    if let factors = factors[name] ?? experts(name, shape) {
      guard shape == [factors.outputs, factors.inputs] else {
        throw .adapter(wrong(name, [factors.outputs, factors.inputs], "\(shape)"))
      }
      tensor = StoredTensor(
        shape: shape, type: .float32, place: .made(MergedRows(base: tensor, low: factors)))
    }
    if let (rows, places) = rows[name] {
      guard shape.count == 2, rows.shape[1] == shape[1], places.keys.allSatisfy({ $0 < shape[0] })
      else { throw .adapter(wrong(name, rows.shape, "rows of \(shape)")) }
      let replaced = ReplacedRows(base: tensor, replacement: rows, places: places)
      tensor = StoredTensor(shape: shape, type: .float32, place: .made(replaced))
    }
    return tensor
  }

  /// The low-rank factors of one expert's matrix, such as `….mlp.experts.3.gate_proj.weight`.
  private func experts(_ name: String, _ shape: [Int]) -> LowRank? {
    guard !experts.isEmpty, shape.count == 2, let found = name.range(of: ".mlp.experts.") else {
      return nil
    }
    let module = String(name[..<found.upperBound].dropLast())
    let parts = name[found.upperBound...].split(separator: ".")
    guard parts.count == 3, let index = Int(parts[0]), let all = experts[module] else { return nil }
    let (outputs, inputs) = (shape[0], shape[1])
    for factors in all where index < factors.count && factors.a.shape[1] == inputs {
      let rows = factors.b.shape[0]
      switch parts[1] {
      case "gate_proj" where rows == 2 * outputs: return factors.expert(index, rows: 0..<outputs)
      case "up_proj" where rows == 2 * outputs:
        return factors.expert(index, rows: outputs..<2 * outputs)
      case "down_proj" where rows == outputs: return factors.expert(index, rows: 0..<outputs)
      default: continue
      }
    }
    return nil
  }
}

/// Low-rank factors of a parameter that contains all experts: A [experts · rank, inputs], B
/// [outputs, rank · experts].
struct ExpertFactors: Sendable {
  let name: String
  let a, b: StoredTensor
  let count, rank: Int
  let scale: Float

  /// The factors of one expert for a range of its output rows.
  func expert(_ index: Int, rows: Range<Int>) -> LowRank {
    LowRank(
      a: a, b: b, isEmbedding: false, scale: scale, lengths: nil,
      part: .init(rank: rank, first: index * rank, rows: rows, stride: count, column: index))
  }
}
