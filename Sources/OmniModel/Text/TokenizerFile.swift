// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys keep the spelling of tokenizer.json.

/// `tokenizer.json`; only the keys that are read, but for the vocabulary.
struct TokenizerFile: Decodable {
  struct Model: Decodable {
    let type: String?
    let merges: [BytePairModel.Merge]
    let dropout: Double?
    let ignore_merges: Bool?
    let continuing_subword_prefix, end_of_word_suffix: String?
  }

  let model: Model
  let added_tokens: [AddedToken]?
  let normalizer: JSONValue?
  let pre_tokenizer: JSONValue?

  var normalizes: Bool { Self.steps(normalizer, "normalizers").contains { $0.type == "NFC" } }

  /// What makes other ids of a text than are made here: its place, and what is wrong with it.
  var fault: (place: String, reason: String)? {
    modelFault ?? normalizerFault ?? splittingFault ?? tokenFault
  }

  private var modelFault: (place: String, reason: String)? {
    if let type = model.type, type != "BPE" { return ("model.type", "should be BPE, is \(type)") }
    if model.dropout ?? 0 != 0 { return ("model.dropout", "should be null") }
    if model.ignore_merges == true { return ("model.ignore_merges", "should be false") }
    guard (model.continuing_subword_prefix ?? "").isEmpty,
      (model.end_of_word_suffix ?? "").isEmpty
    else {
      return ("model.continuing_subword_prefix and end_of_word_suffix", "should be empty")
    }
    return nil
  }

  private var normalizerFault: (place: String, reason: String)? {
    let other = Self.steps(normalizer, "normalizers").first { $0.type != "NFC" }
    return other.map { ("normalizer", "should be NFC, is \($0.type)") }
  }

  /// Any other pattern would be another family's, or one made to run for ever.
  private var splittingFault: (place: String, reason: String)? {
    let reason = "splits text in another way than Qwen's tokenizers do"
    for step in Self.steps(pre_tokenizer, "pretokenizers") {
      let keys = step.keys
      let holds =
        switch step.type {
        case "Split":
          keys["pattern"]?.object?["Regex"]?.string == WordSplitter.pattern
            && ["Isolated", nil].contains(keys["behavior"]?.string)
            && keys["invert"]?.bool != true
        case "ByteLevel":
          keys["add_prefix_space"]?.bool == false && keys["use_regex"]?.bool == false
        default: false
        }
      guard holds else { return ("pre_tokenizer", reason + " (\(step.type))") }
    }
    return nil
  }

  private var tokenFault: (place: String, reason: String)? {
    (added_tokens ?? []).first { $0.lstrip == true || $0.rstrip == true || $0.single_word == true }
      .map { ("added_tokens", "has \($0.content), which takes text around it with it") }
  }

  /// The steps of a sequence, or a single one.
  private static func steps(
    _ value: JSONValue?, _ list: String
  ) -> [(type: String, keys: [String: JSONValue])] {
    guard let value, value != .null else { return [] }
    let keys = value.object ?? [:]
    let type = keys["type"]?.string ?? "unknown"
    guard type == "Sequence" else { return [(type, keys)] }
    return (keys[list]?.list ?? []).flatMap { steps($0, list) }
  }
}

/// The vocabulary of `tokenizer.json`.
struct VocabularyFile: Decodable {
  struct Model: Decodable {
    let vocab: [String: Int]
  }

  let model: Model
}

/// `tokenizer_config.json`; only the keys that are read.
struct TokenizerConfigurationFile: Decodable {
  struct Token: Decodable {
    let content: String
    let special: Bool?
  }

  /// By id, written as text.
  let added_tokens_decoder: [String: Token]?
}

struct AddedToken: Decodable, Sendable {
  let id: Int
  let content: String
  let special: Bool?
  let lstrip, rstrip, single_word: Bool?

  init(id: Int, content: String, special: Bool?) {
    (self.id, self.content, self.special) = (id, content, special)
    (lstrip, rstrip, single_word) = (nil, nil, nil)
  }
}

/// What byte pair encoding needs.
struct BytePairModel: Sendable {
  /// A merge is written `"a b"` or `["a", "b"]`.
  struct Merge: Decodable, Sendable {
    let left, right: String

    init(_ left: String, _ right: String) {
      (self.left, self.right) = (left, right)
    }

    init(from decoder: any Decoder) throws {
      let single = try decoder.singleValueContainer()
      let parts: [String]
      if let text = try? single.decode(String.self) {
        parts = text.split(separator: " ", maxSplits: 1).map(String.init)
      } else {
        parts = try single.decode([String].self)
      }
      guard parts.count == 2 else {
        throw DecodingError.dataCorruptedError(in: single, debugDescription: "not a pair")
      }
      (left, right) = (parts[0], parts[1])
    }
  }

  let vocab: [String: Int]
  let merges: [Merge]
}
