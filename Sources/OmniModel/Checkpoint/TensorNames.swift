/// Tensor names of the thinker, mapped to plain names without prefixes: `model.…` for the decoder,
/// `lm_head.…`, `visual.…` and `audio_tower.…`.
///
/// Known prefixes: `thinker.` in a complete omni model, `model.language_model.` of transformers 5,
/// `module.` and similar ones of distributed training, `base_model.model.` of merged LoRA.
struct TensorNames: Sendable, Equatable {
  /// Stored names of the tensors, by plain name.
  let written: [String: String]
  /// Stored names of tensors of other model parts: talker, vocoder.
  let otherParts: [String]
  /// Stored names with an unknown prefix.
  let foreign: [String]
  /// Two stored names with the same plain name; nil if all are unique.
  let ambiguous: (first: String, second: String)?

  /// Name parts that module wrappers insert in the middle, to be removed.
  private static let inside = [
    "._fsdp_wrapped_module.", "._orig_mod.", "._checkpoint_wrapped_module.",
  ]

  /// Prefix of the thinker's tensors in these files (`thinker.`); may be empty.
  let container: String

  init(_ names: some Sequence<String>) {
    var written: [String: String] = [:]
    var (otherParts, foreign): ([String], [String]) = ([], [])
    var ambiguous: (first: String, second: String)?
    let prefixes = TensorPrefixes()
    for name in names.sorted() {
      let plain = Self.plain(name, prefixes)
      if prefixes.parts.contains(where: plain.hasPrefix) {
        if let first = written[plain], ambiguous == nil { ambiguous = (first, name) }
        written[plain] = name
      } else if prefixes.others.contains(where: plain.hasPrefix) {
        otherParts.append(name)
      } else {
        foreign.append(name)
      }
    }
    (self.written, self.otherParts, self.foreign) = (written, otherParts, foreign)
    self.ambiguous = ambiguous
    container =
      prefixes.containers.first { container in
        written.values.contains { $0.hasPrefix(container) }
      } ?? ""
  }

  static func == (one: TensorNames, other: TensorNames) -> Bool { one.written == other.written }

  /// Removes all known prefixes from a tensor name.
  static func plain(_ name: String, _ prefixes: TensorPrefixes = TensorPrefixes()) -> String {
    var name = name
    for wrapper in inside where name.contains(wrapper) {
      name = name.replacing(wrapper, with: ".")
    }
    while let prefix = prefixes.table.first(where: { name.hasPrefix($0.written) }) {
      name = prefix.plain + name.dropFirst(prefix.written.count)
    }
    return name
  }

  /// A stored name with an unknown prefix that ends with the name `wanted`; nil if none.
  func foreign(endingAs wanted: String) -> String? {
    let tail = "." + wanted
    let short = wanted.split(separator: ".").suffix(2).joined(separator: ".")
    return foreign.first { $0.hasSuffix(tail) }
      ?? foreign.first { $0 == short || $0.hasSuffix("." + short) }
  }

  /// Prefix of the decoder's tensors in the files, such as `thinker.model.`; nil without a decoder.
  var decoderPrefix: String? {
    guard let name = written["model.embed_tokens.weight"] else { return nil }
    return String(name.dropLast("embed_tokens.weight".count))
  }

  /// Stored names that only LoRA adapters use.
  var adapters: [String] {
    written.values.filter(Self.isAdapter).sorted() + foreign.filter(Self.isAdapter)
  }

  /// Whether a tensor name belongs to a LoRA adapter or to a matrix with an adapter.
  static func isAdapter(_ name: String) -> Bool {
    [".lora_A", ".lora_B", ".lora_embedding_", ".lora_magnitude_", ".base_layer."]
      .contains { name.contains($0) }
  }
}

/// Known prefixes of tensor names, of all model families.
struct TensorPrefixes {
  /// Prefix replacements, applied repeatedly; the first match is used.
  let table: [(written: String, plain: String)]
  /// Prefixes of the thinker in a complete omni model: `thinker.`.
  let containers: [String]
  /// Prefixes of the thinker's parts, and of model parts that are not run.
  let parts, others: [String]

  init(_ families: [FamilyTensors] = FamilyList.all.map(\.tensors)) {
    containers = Self.unique(families.compactMap(\.thinker))
    let towers = Self.unique(families.flatMap { [$0.vision, $0.audio].compactMap { $0 } })
      .map { $0 + "." }
    parts = ["model.", "lm_head."] + towers
    others = Self.unique(families.flatMap(\.others))
    table =
      [
        ("module.", ""), ("_orig_mod.", ""), ("_fsdp_wrapped_module.", ""),
        ("base_model.model.", ""),
      ] + containers.flatMap { [($0, ""), ("model." + $0, "")] } + [
        ("model.language_model.lm_head.", "lm_head."), ("model.language_model.model.", "model."),
        ("model.language_model.", "model."),
        ("language_model.lm_head.", "lm_head."), ("language_model.model.", "model."),
        ("language_model.", "model."),
      ] + parts.map { ("model." + $0, $0) } + [
        ("model.module.", ""), ("embed_tokens.", "model.embed_tokens."),
        ("layers.", "model.layers."), ("norm.", "model.norm."),
      ]
  }

  private static func unique(_ names: [String]) -> [String] {
    names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
