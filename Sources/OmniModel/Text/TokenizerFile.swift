// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys keep the spelling of tokenizer.json.

/// `tokenizer.json`; only the keys that are read, but for the vocabulary.
struct TokenizerFile: Decodable {
  struct Model: Decodable {
    let type: String?
    let merges: [BytePairModel.Merge]
  }

  struct Normalizer: Decodable {
    let type: String?
  }

  struct PreTokenizer: Decodable {
    struct Pattern: Decodable {
      let Regex: String?
    }

    let pretokenizers: [PreTokenizer]?
    let pattern: Pattern?

    var splitPattern: String? {
      pattern?.Regex ?? pretokenizers?.lazy.compactMap(\.splitPattern).first
    }
  }

  let model: Model
  let added_tokens: [AddedToken]?
  let normalizer: Normalizer?
  let pre_tokenizer: PreTokenizer?
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
