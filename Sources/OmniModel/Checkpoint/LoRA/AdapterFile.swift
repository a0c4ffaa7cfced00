// swift-format-ignore-file: AlwaysUseLowerCamelCase

import Foundation

/// The JSON keys of peft's `adapter_config.json`.
struct AdapterFile: Decodable, Sendable {
  let peft_type, base_model_name_or_path, bias: String?
  let r: Int?
  let lora_alpha: Double?
  let use_rslora, use_dora: Bool?
  let rank_pattern: [String: Int]?
  let alpha_pattern: [String: Double]?
  let init_lora_weights: Choice?
  let trainable_token_indices: Tokens?
  /// Keys in the file whose value is not null, false or empty.
  let keys: Set<String>

  /// A JSON value that is true, false or a name.
  struct Choice: Decodable, Sendable {
    let name: String

    init(from decoder: any Decoder) throws {
      let single = try decoder.singleValueContainer()
      if let flag = try? single.decode(Bool.self) {
        name = "\(flag)"
      } else {
        name = try single.decode(String.self)
      }
    }
  }

  /// Token ids: one list for the input embeddings, or one list per module.
  struct Tokens: Decodable, Sendable {
    let byModule: [String: [Int]]

    init(from decoder: any Decoder) throws {
      let single = try decoder.singleValueContainer()
      if let ids = try? single.decode([Int].self) {
        byModule = ["embed_tokens": ids]
      } else {
        byModule = try single.decode([String: [Int]].self)
      }
    }
  }

  private enum CodingKeys: String, CodingKey {
    case peft_type, base_model_name_or_path, bias, r, lora_alpha, use_rslora, use_dora, rank_pattern
    case alpha_pattern, init_lora_weights, trainable_token_indices
  }

  init(from decoder: any Decoder) throws {
    let table = try decoder.container(keyedBy: CodingKeys.self)
    peft_type = try table.decodeIfPresent(String.self, forKey: .peft_type)
    base_model_name_or_path = try table.decodeIfPresent(
      String.self, forKey: .base_model_name_or_path)
    bias = try table.decodeIfPresent(String.self, forKey: .bias)
    r = try table.decodeIfPresent(Int.self, forKey: .r)
    lora_alpha = try table.decodeIfPresent(Double.self, forKey: .lora_alpha)
    use_rslora = try table.decodeIfPresent(Bool.self, forKey: .use_rslora)
    use_dora = try table.decodeIfPresent(Bool.self, forKey: .use_dora)
    rank_pattern = try table.decodeIfPresent([String: Int].self, forKey: .rank_pattern)
    alpha_pattern = try table.decodeIfPresent([String: Double].self, forKey: .alpha_pattern)
    init_lora_weights = try table.decodeIfPresent(Choice.self, forKey: .init_lora_weights)
    trainable_token_indices = try table.decodeIfPresent(
      Tokens.self, forKey: .trainable_token_indices)
    let all = try decoder.container(keyedBy: AnyKey.self)
    keys = Set(all.allKeys.filter { AnyKey.says(all, $0) }.map(\.stringValue))
  }

  private struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }

    static func says(_ table: KeyedDecodingContainer<AnyKey>, _ key: AnyKey) -> Bool {
      if (try? table.decodeNil(forKey: key)) == true { return false }
      if let flag = try? table.decode(Bool.self, forKey: key) { return flag }
      if let list = try? table.nestedUnkeyedContainer(forKey: key) { return list.count != 0 }
      if let inner = try? table.nestedContainer(keyedBy: AnyKey.self, forKey: key) {
        return inner.allKeys.contains { says(inner, $0) }
      }
      return true
    }
  }
}
