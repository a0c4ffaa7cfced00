import Foundation
import TestSupport
import Testing

@testable import OmniModel

/// Files of tokenizers: what they say is done, or refused by name.
@Suite struct `Tokenizer files` {
  private func fault(_ variant: VariantCheckpoint) throws -> (place: String, reason: String)? {
    let error = #expect(throws: CheckpointError.self) { try Tokenizer(directory: variant.path) }
    guard case .badJSON(_, let place, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return nil
    }
    return (place, reason)
  }

  @Test(arguments: [false, true])
  func `a tokenizer.json without a pre-tokenizer is refused`(isNull: Bool) throws {
    let variant = try VariantCheckpoint("qwen3_av").edit("tokenizer.json") { keys in
      keys["pre_tokenizer"] = isNull ? NSNull() : nil
    }
    let found = try fault(variant)
    #expect(found?.place == "pre_tokenizer" && found?.reason.contains("absent") == true)
  }

  @Test(arguments: [
    ["Split"], ["ByteLevel"], ["ByteLevel", "Split"], ["Split", "Split", "ByteLevel"],
  ])
  func `unsupported pre-tokenizer steps are refused`(types: [String]) throws {
    let variant = try VariantCheckpoint("qwen3_av").edit("tokenizer.json") { keys in
      keys.inside("pre_tokenizer") { outer in
        let steps = outer["pretokenizers"] as? [[String: Any]] ?? []
        outer["pretokenizers"] = types.compactMap { type in
          steps.first { $0["type"] as? String == type }
        }
      }
    }
    #expect(try fault(variant)?.place == "pre_tokenizer")
  }

  @Test(arguments: ["TemplateProcessing", "BertProcessing", "RobertaProcessing"])
  func `tokenizer settings that add tokens are refused`(type: String) throws {
    for isNested in [false, true] {
      let variant = try VariantCheckpoint("qwen3_av").edit("tokenizer.json") { keys in
        let step: [String: Any] = ["type": type]
        keys["post_processor"] = isNested ? ["type": "Sequence", "processors": [step]] : step
      }
      let found = try fault(variant)
      #expect(found?.place == "post_processor" && found?.reason.contains(type) == true)
    }
  }

  @Test func `unknown keys of a BPE model are refused unless without effect`() throws {
    let variant = try VariantCheckpoint("qwen3_av")
    try variant.edit("tokenizer.json") { keys in
      keys.inside("model") { $0["byte_fallback"] = true }
    }
    _ = try Tokenizer(directory: variant.path)
    try variant.edit("tokenizer.json") { keys in
      keys.inside("model") { $0["joins_backwards"] = true }
    }
    #expect(try fault(variant)?.place == "model.joins_backwards")
  }

  @Test(arguments: ["add_prefix_space", "split_special_tokens", "add_bos_token", "add_eos_token"])
  func `settings of tokenizer_config.json that change ids are refused`(key: String) throws {
    for hasTable in [true, false] {
      let variant = try VariantCheckpoint("qwen3_av").edit("tokenizer_config.json") {
        $0[key] = true
      }
      if !hasTable { try variant.write("tokenizer.json", nil) }
      #expect(try fault(variant)?.place == key)
    }
  }

  @Test(arguments: [
    ("lstrip", "spaces"), ("rstrip", "spaces"), ("single_word", "whole words"),
  ])
  func `tokens with lstrip, rstrip or single_word are refused`(flag: String, words: String) throws {
    for hasTable in [true, false] {
      let variant = try VariantCheckpoint("qwen3_av")
      if hasTable {
        try variant.edit("tokenizer.json") { keys in
          var tokens = keys["added_tokens"] as? [[String: Any]] ?? []
          tokens[3][flag] = true
          keys["added_tokens"] = tokens
        }
      } else {
        try variant.write("tokenizer.json", nil).edit("tokenizer_config.json") { keys in
          keys.inside("added_tokens_decoder") { table in
            table.inside("603") { $0[flag] = true }
          }
        }
      }
      let found = try fault(variant)
      #expect(found?.place == "added_tokens" && found?.reason.contains(words) == true)
    }
  }

  /// The `tokenizers` library numbers added tokens itself: 700 would be read as the next number.
  @Test func `ids that the tokenizers library would not give are refused`() throws {
    let variant = try VariantCheckpoint("qwen3_av").edit("tokenizer.json") { keys in
      var tokens = keys["added_tokens"] as? [[String: Any]] ?? []
      tokens.append(["id": 700, "content": "<|new|>", "special": true])
      keys["added_tokens"] = tokens
    }
    let found = try fault(variant)
    #expect(found?.reason.contains("700") == true && found?.reason.contains("621") == true)
  }

  @Test func `tokens listed only in tokenizer_config.json are read`() throws {
    let variant = try VariantCheckpoint("qwen3_av")
    let original = try Tokenizer(directory: variant.path)
    try variant.edit("tokenizer.json") { keys in
      let tokens = keys["added_tokens"] as? [[String: Any]] ?? []
      keys["added_tokens"] = Array(tokens.dropLast(2))
    }
    let found = try Tokenizer(directory: variant.path)
    let text = "<|audio_start|><|audio_pad|><|audio_end|>x"
    #expect(found.encode(text) == original.encode(text) && found.id(of: "<|audio_pad|>") == 620)
  }

  @Test func `a token with different ids in two files is an error`() throws {
    let variant = try VariantCheckpoint("qwen3_av").edit("tokenizer_config.json") { keys in
      keys.inside("added_tokens_decoder") { table in
        table["699"] = table["620"]
        table["620"] = nil
      }
    }
    #expect(throws: CheckpointError.self) { try Tokenizer(directory: variant.path) }
  }

  private struct Row: Decodable {
    let text, checkpoint: String
    let ids: [Int]
  }

  /// Made with `tokenizers` 0.22.2 from random code points; among them all kinds that were once read
  /// otherwise: Hangul with a final consonant of its own, marks behind characters of higher planes.
  @Test func `random texts give the ids of the tokenizers library`() throws {
    let rows = try Fixtures.decode([Row].self, "../tokenizer/random.json")
    #expect(rows.count > 200)
    var tokenizers: [String: Tokenizer] = [:]
    for row in rows {
      let path = Fixtures.golden.appending(path: row.checkpoint + "/checkpoint").path
      let tokenizer = try tokenizers[path] ?? Tokenizer(directory: path)
      tokenizers[path] = tokenizer
      #expect(tokenizer.encode(row.text) == row.ids, "\(row.text)")
    }
  }
}
