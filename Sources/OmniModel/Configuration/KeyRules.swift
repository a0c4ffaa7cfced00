import Basics

/// Rules for the keys of an object in a checkpoint's JSON files: known, restricted to some values,
/// or rejected.
///
/// An unknown key is an error if it may change results. In an object about one subject (rotary
/// embedding, preprocessing) this is every unknown key, elsewhere a key whose words name such a
/// subject.
struct KeyRules {
  /// Valid values of a configuration key; null counts as absent, as in transformers.
  enum Rule {
    /// Any value: the key is read elsewhere, or does not affect results.
    case known
    /// Only values that satisfy the condition; the text describes them.
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
    /// Unknown keys are rejected if a word of the key names a subject that affects results.
    case refusedBySubject
  }

  let rules: [String: Rule]
  let unknown: Unknown

  /// Validates the keys and values of an object.
  /// - Parameter place: path of the object with a final dot, such as `text_config.`.
  func check(
    _ object: [String: JSONValue], at place: String, _ check: ConfigurationValidator
  ) throws(CheckpointError) {
    let written = object.filter { $0.value != .null }.sorted { $0.key < $1.key }
    // Invalid values are reported before unknown keys.
    for (key, value) in written {
      guard case .only(let expected, let holds) = rules[key] else { continue }
      guard holds(value) else { throw check.wrong(place + key, value.summary, expected) }
    }
    for (key, value) in written where rules[key] == nil {
      guard unknown == .refusedBySubject, !Self.isSubject(key) else {
        throw .unknownKey(path: check.path, key: place + key, value: value.summary)
      }
    }
  }

  /// Words in keys about rotary embedding, norms, activations, attention, quantisation or experts.
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
