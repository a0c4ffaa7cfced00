import Foundation

/// The validated contents of adapter_config.json (peft).
struct AdapterConfiguration: Sendable {
  let path: String
  let file: AdapterFile

  /// Known keys of adapter_config.json: those in use, and those without effect on merged weights.
  private static let known: Set<String> = [
    "alpha_pattern", "auto_mapping", "base_model_class", "base_model_name_or_path", "bias",
    "corda_config", "ensure_weight_tying", "eva_config", "exclude_modules", "fan_in_fan_out",
    "inference_mode", "init_lora_weights", "layers_pattern", "layers_to_transform", "loftq_config",
    "lora_alpha", "lora_dropout", "lora_ga_config", "megatron_config", "megatron_core",
    "modules_to_save", "parent_library", "peft_type", "peft_version", "qalora_group_size", "r",
    "rank_pattern", "revision", "runtime_config", "target_modules", "target_parameters",
    "task_type", "trainable_token_indices", "use_dora", "use_rslora", "velora_config",
  ]

  /// Values of `init_lora_weights` that leave the base model's weights unchanged.
  private static let plainStarts: Set<String> = [
    "true", "false", "gaussian", "eva", "orthogonal",
  ]

  init(directory: String) throws(CheckpointError) {
    path = directory + "/adapter_config.json"
    file = try JSONFile(path).decode(AdapterFile.self)
    func unsupported(_ key: String, _ value: String) -> CheckpointError {
      .adapter(.unsupported(path: path, key: key, value: value))
    }
    guard let type = file.peft_type, type.uppercased() == "LORA" else {
      throw unsupported("peft_type", file.peft_type ?? "missing")
    }
    if let key = file.keys.subtracting(Self.known).sorted().first {
      throw unsupported(key, "set")
    }
    if let start = file.init_lora_weights?.name.lowercased(), !Self.plainStarts.contains(start) {
      throw unsupported("init_lora_weights", start)
    }
    guard ["none", "all", "lora_only", nil].contains(file.bias) else {
      throw unsupported("bias", file.bias ?? "")
    }
    for alpha in [file.lora_alpha ?? 8] + Array((file.alpha_pattern ?? [:]).values)
    where !alpha.isFinite {
      throw unsupported("lora_alpha", "\(alpha)")
    }
  }

  /// The LoRA rank r of a module.
  /// - Parameter module: the module's path in the adapted model.
  func rank(_ module: String) throws(AdapterFault) -> Int {
    try choice(file.rank_pattern, module, "rank_pattern") ?? file.r ?? 8
  }

  /// The LoRA scale of a module: α / r, or α / √r with rsLoRA.
  func scale(_ module: String, rank: Int) throws(AdapterFault) -> Float {
    let alpha = try choice(file.alpha_pattern, module, "alpha_pattern") ?? file.lora_alpha ?? 8
    return Float(file.use_rslora == true ? alpha / Double(rank).squareRoot() : alpha / Double(rank))
  }

  /// The value of `rank_pattern` or `alpha_pattern` for a module; a pattern matches the whole path
  /// or its end after a dot.
  private func choice<Value: Hashable>(
    _ patterns: [String: Value]?, _ module: String, _ key: String
  ) throws(AdapterFault) -> Value? {
    var values: Set<Value> = []
    for (pattern, value) in patterns ?? [:] {
      guard let expression = try? NSRegularExpression(pattern: "^(?:.*\\.)?(?:\(pattern))$") else {
        throw .unsupported(path: path, key: key, value: pattern)
      }
      let range = NSRange(module.startIndex..., in: module)
      if expression.firstMatch(in: module, range: range) != nil { values.insert(value) }
    }
    guard values.count < 2 else {
      throw .unsupported(path: path, key: key, value: "several values for \(module)")
    }
    return values.first
  }

  /// Token ids of embedding rows that the adapter trained separately; nil if none.
  func tokens(_ module: String) -> [Int]? {
    let tokens = file.trainable_token_indices?.byModule ?? [:]
    if let exact = tokens.first(where: { module == $0.key || module.hasSuffix("." + $0.key) }) {
      return exact.value
    }
    return tokens.count == 1 ? tokens.values.first : nil
  }
}
