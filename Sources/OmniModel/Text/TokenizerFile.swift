// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Properties are spelled like the keys of tokenizer.json.

import Basics

/// The keys of `tokenizer.json` that are read, without the vocabulary.
struct TokenizerFile: Decodable {
  struct Model: Decodable {
    let type: String?
    let merges: [BytePairModel.Merge]
    let dropout: Double?
    let ignore_merges: Bool?
    let continuing_subword_prefix, end_of_word_suffix: String?
    /// All keys that the object contains.
    let written: [String]

    private enum CodingKeys: String, CodingKey {
      case type, merges, dropout, ignore_merges, continuing_subword_prefix, end_of_word_suffix
    }

    /// Known keys. Those about unknown characters have no effect, since every byte has a token.
    static let known: Set<String> = [
      "type", "merges", "vocab", "dropout", "ignore_merges", "continuing_subword_prefix",
      "end_of_word_suffix", "unk_token", "fuse_unk", "byte_fallback",
    ]

    init(from decoder: any Decoder) throws {
      let keys = try decoder.container(keyedBy: CodingKeys.self)
      type = try keys.decodeIfPresent(String.self, forKey: .type)
      merges = try keys.decode([BytePairModel.Merge].self, forKey: .merges)
      dropout = try keys.decodeIfPresent(Double.self, forKey: .dropout)
      ignore_merges = try keys.decodeIfPresent(Bool.self, forKey: .ignore_merges)
      continuing_subword_prefix = try keys.decodeIfPresent(
        String.self, forKey: .continuing_subword_prefix)
      end_of_word_suffix = try keys.decodeIfPresent(String.self, forKey: .end_of_word_suffix)
      written = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
    }
  }

  let model: Model
  let added_tokens: [AddedToken]?
  let normalizer: JSONValue?
  let pre_tokenizer: JSONValue?
  let post_processor: JSONValue?

  var normalizes: Bool { Self.steps(normalizer, "normalizers").contains { $0.type == "NFC" } }

  /// A setting that is not supported and would change token ids: its key and the reason.
  var fault: (place: String, reason: String)? {
    modelFault ?? normalizerFault ?? splittingFault ?? additionFault
      ?? (added_tokens ?? []).lazy.compactMap(\.fault).first
  }

  private var modelFault: (place: String, reason: String)? {
    if let type = model.type, type != "BPE" { return ("model.type", "must be BPE, is \(type)") }
    if model.dropout ?? 0 != 0 { return ("model.dropout", "must be null") }
    if model.ignore_merges == true { return ("model.ignore_merges", "must be false") }
    guard (model.continuing_subword_prefix ?? "").isEmpty,
      (model.end_of_word_suffix ?? "").isEmpty
    else {
      return ("model.continuing_subword_prefix and end_of_word_suffix", "must be empty")
    }
    let unknown = model.written.sorted().first { !Model.known.contains($0) }
    return unknown.map { ("model.\($0)", "is not supported") }
  }

  private var normalizerFault: (place: String, reason: String)? {
    let other = Self.steps(normalizer, "normalizers").first { $0.type != "NFC" }
    return other.map { ("normalizer", "must be NFC, is \($0.type)") }
  }

  /// An unsupported pre-tokenizer setting; only Qwen's pattern is accepted.
  private var splittingFault: (place: String, reason: String)? {
    let reason = "splits text differently from Qwen's tokenizers"
    let steps = Self.steps(pre_tokenizer, "pretokenizers")
    guard !steps.isEmpty else {
      return (
        "pre_tokenizer",
        "is absent: text would not be split into words and encoded in bytes, as the "
          + "vocabulary requires"
      )
    }
    guard steps.map(\.type) == ["Split", "ByteLevel"] else {
      return ("pre_tokenizer", reason + " (\(steps.map(\.type).joined(separator: ", ")))")
    }
    for step in steps {
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

  /// A post-processor that adds tokens, which is not supported.
  private var additionFault: (place: String, reason: String)? {
    let other = Self.steps(post_processor, "processors").first { $0.type != "ByteLevel" }
    return other.map {
      ("post_processor", "must be ByteLevel, is \($0.type), which may add tokens")
    }
  }

  /// The steps of a sequence, or a single step.
  private static func steps(
    _ value: JSONValue?, _ list: String
  ) -> [(type: String, keys: [String: JSONValue])] {
    guard let value, value != .null else { return [] }
    let keys = value.object ?? [:]
    let type = keys["type"]?.string ?? "unknown"
    guard type == "Sequence" else { return [(type, keys)] }
    return (keys[list]?.array ?? []).flatMap { steps($0, list) }
  }
}

/// The vocabulary of `tokenizer.json`.
struct VocabularyFile: Decodable {
  struct Model: Decodable {
    let vocab: [String: Int]
  }

  let model: Model
}

/// The keys of `tokenizer_config.json` that are read.
struct TokenizerConfigurationFile: Decodable {
  /// Properties of added tokens, by id as text.
  let added_tokens_decoder: [String: AddedToken.Properties]?
  let add_prefix_space, split_special_tokens, add_bos_token, add_eos_token: Bool?

  /// The added tokens of `tokenizer_config.json`.
  func added(path: String) throws(CheckpointError) -> [AddedToken] {
    var added: [AddedToken] = []
    for (id, token) in added_tokens_decoder ?? [:] {
      guard let number = Int(id) else {
        throw .badJSON(path: path, place: "added_tokens_decoder", reason: "has the id \"\(id)\"")
      }
      added.append(AddedToken(id: number, properties: token))
    }
    return added.sorted { $0.id < $1.id }
  }

  /// A setting that is not supported and would change token ids: its key and the reason.
  var fault: (place: String, reason: String)? {
    if add_prefix_space == true { return ("add_prefix_space", "must be false") }
    if split_special_tokens == true { return ("split_special_tokens", "must be false") }
    if add_bos_token == true { return ("add_bos_token", "must be false") }
    if add_eos_token == true { return ("add_eos_token", "must be false") }
    return nil
  }
}

/// A JSON key of any name.
private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

struct AddedToken: Decodable, Sendable {
  /// Properties of an added token, without its id.
  struct Properties: Decodable, Sendable {
    let content: String
    let special: Bool?
    let lstrip, rstrip, single_word, normalized: Bool?
  }

  let id: Int
  let properties: Properties

  var content: String { properties.content }
  var special: Bool? { properties.special }

  init(id: Int, properties: Properties) {
    (self.id, self.properties) = (id, properties)
  }

  init(id: Int, content: String, special: Bool?) {
    self.id = id
    properties = Properties(
      content: content, special: special, lstrip: nil, rstrip: nil, single_word: nil,
      normalized: nil)
  }

  init(from decoder: any Decoder) throws {
    id = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .id)
    properties = try Properties(from: decoder)
  }

  private enum CodingKeys: String, CodingKey {
    case id
  }

  /// A property that is not supported and would change token ids.
  var fault: (place: String, reason: String)? {
    if properties.lstrip == true || properties.rstrip == true {
      return ("added_tokens", "has \(content), which strips the spaces around it")
    }
    if properties.single_word == true {
      return ("added_tokens", "has \(content), which matches whole words only")
    }
    if properties.normalized == true,
      !content.unicodeScalars.elementsEqual(content.canonicallyComposed.unicodeScalars)
    {
      return ("added_tokens", "has \(content), which is matched in normalised text")
    }
    return nil
  }

  /// An error if the ids of added tokens differ from those that the `tokenizers` library assigns:
  /// the id in the vocabulary, or consecutive ids after it.
  static func fault(
    _ tokens: [AddedToken], vocabulary: [String: Int]
  ) -> (place: String, reason: String)? {
    var next = vocabulary.count
    var seen: [String: Int] = [:]
    for token in tokens where !token.content.isEmpty {
      let id = seen[token.content] ?? vocabulary[token.content] ?? next
      if id == next { next += 1 }
      seen[token.content] = id
      guard id == token.id else {
        return (
          "added_tokens",
          "gives \(token.content) id \(token.id); the tokenizers library gives it \(id)"
        )
      }
    }
    return nil
  }
}

/// The BPE model of a tokenizer: vocabulary and merges.
struct BytePairModel: Sendable {
  /// A pair of symbols to merge, in JSON `"a b"` or `["a", "b"]`.
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
