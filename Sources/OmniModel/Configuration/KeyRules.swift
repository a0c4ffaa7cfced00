/// Which keys of an object of a checkpoint's files are understood, and what the others mean.
///
/// What is present and not understood stops the load where it may change what is computed: in an
/// object about one subject (rotary embedding, preprocessing) that is every unknown key, elsewhere
/// every unknown key that names such a subject.
struct KeyRules {
  /// What may stand under a key; null says nothing, as in transformers.
  enum Rule {
    /// Read elsewhere, or without any effect on what is computed here.
    case known
    /// Only this.
    case only(String, @Sendable (JSONValue) -> Bool)

    static func only(_ value: Bool) -> Rule { .only("\(value)") { $0.bool == value } }

    static func only(_ value: Int) -> Rule { .only("\(value)") { $0.integer == value } }

    static func only(_ value: Double, within: Double = 0) -> Rule {
      .only(value.plain) { $0.number.map { abs($0 - value) <= within } ?? false }
    }

    static func only(_ values: String...) -> Rule {
      .only(values.joined(separator: " or ")) { $0.string.map(values.contains) ?? false }
    }
  }

  enum Unknown {
    case refused
    /// Refused where a word of the key is about what is computed.
    case refusedBySubject
  }

  let rules: [String: Rule]
  let unknown: Unknown

  /// - Parameter place: the path of the object, with its dot: `text_config.`.
  func check(
    _ object: [String: JSONValue], at place: String, _ check: Check
  ) throws(CheckpointError) {
    let written = object.filter { $0.value != .null }.sorted { $0.key < $1.key }
    // A value that is wrong says more than a key that goes with it.
    for (key, value) in written {
      guard case .only(let expected, let holds) = rules[key] else { continue }
      guard holds(value) else { throw check.wrong(place + key, value.text, expected) }
    }
    for (key, value) in written where rules[key] == nil {
      guard unknown == .refusedBySubject, !Self.isSubject(key) else {
        throw .unknownKey(path: check.path, key: place + key, value: value.text)
      }
    }
  }

  /// Words of keys that are about rotary embedding, norms, activations, attention or experts.
  private static let subjects: Set<String> = [
    "rope", "mrope", "rotary", "yarn", "ntk", "alibi", "norm", "rmsnorm", "layernorm", "eps",
    "epsilon", "act", "activation", "softcap", "softcapping", "scale", "scaling", "scalar",
    "multiplier", "sliding", "window", "bias", "expert", "experts", "moe", "router", "routed",
    "topk", "qk", "attn", "attention", "quantization",
  ]

  private static func isSubject(_ key: String) -> Bool {
    guard !key.hasPrefix("_") else { return false }
    return key.lowercased().split(separator: "_").contains { subjects.contains(String($0)) }
  }
}
