/// The parsed name of a tensor in a LoRA adapter: its role and the module it adapts.
struct AdapterKey {
  enum Role: Equatable {
    case a, b, embeddingA, embeddingB, magnitude, bias, tokens
    /// A complete tensor that replaces the base model's.
    case replacement
  }

  /// The stored name of the tensor.
  let name: String
  /// Path of the adapted module in the model; for a replacement, path of the tensor.
  let path: String
  /// The module's path without known prefixes.
  let module: String
  let role: Role

  private static let endings: [(String, Role)] = [
    (".lora_A.weight", .a), (".lora_A.default.weight", .a), (".lora_B.weight", .b),
    (".lora_B.default.weight", .b), (".lora_embedding_A", .embeddingA),
    (".lora_embedding_A.default", .embeddingA), (".lora_embedding_B", .embeddingB),
    (".lora_embedding_B.default", .embeddingB), (".lora_magnitude_vector", .magnitude),
    (".lora_magnitude_vector.weight", .magnitude),
    (".lora_magnitude_vector.default.weight", .magnitude), (".lora_B.bias", .bias),
    (".lora_B.default.bias", .bias), (".token_adapter.trainable_tokens_delta", .tokens),
  ]

  init(_ name: String) {
    self.name = name
    var path = Substring(name)
    while path.hasPrefix("base_model.model.") { path = path.dropFirst("base_model.model.".count) }
    let ending = Self.endings.first { path.hasSuffix($0.0) }
    role = ending?.1 ?? .replacement
    path = path.dropLast(ending?.0.count ?? 0)
    self.path = path.split(separator: ".")
      .filter { !["base_layer", "modules_to_save", "default"].contains($0) }
      .joined(separator: ".")
    module = TensorNames.plain(self.path)
  }

  /// Plain name of the base tensor that this one replaces.
  var target: String { module }

  /// Whether the tensor belongs to the talker or vocoder, which are not run.
  var isOutsideThinker: Bool {
    TensorPrefixes().others.contains { module.hasPrefix($0) }
  }

  /// Name of the other low-rank factor: A for B, and vice versa.
  var partner: String {
    switch role {
    case .a: name.replacing(".lora_A.", with: ".lora_B.")
    case .b: name.replacing(".lora_B.", with: ".lora_A.")
    case .embeddingA: name.replacing(".lora_embedding_A", with: ".lora_embedding_B")
    case .embeddingB: name.replacing(".lora_embedding_B", with: ".lora_embedding_A")
    default: name
    }
  }

  /// Possible names of the DoRA magnitude vector that belongs to this factor.
  var magnitudes: [String] {
    guard let end = name.range(of: ".lora_A.") else { return [name] }
    let stem = name[..<end.lowerBound] + ".lora_magnitude_vector"
    return [String(stem), stem + ".weight", stem + ".default.weight"]
  }
}
