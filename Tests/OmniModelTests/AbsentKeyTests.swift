import Foundation
import TestSupport
import Testing

@testable import Basics
@testable import OmniModel

/// Keys that transformers does not write where they have its own default, and others like them.
struct AbsentKeyTests {
  @Test(arguments: [
    ("qwen2_5_av", ["vision_start_token_id", "vision_end_token_id"]),
    ("qwen3_av", ["vision_start_token_id", "vision_end_token_id", "audio_end_token_id"]),
  ])
  func `marker ids missing in config.json come from the tokenizer`(
    golden: String, keys: [String]
  ) throws {
    let variant = try VariantCheckpoint(golden)
    let original = try variant.run()
    try variant.thinker { thinker in
      for key in keys { thinker[key] = nil }
    }
    let found = try variant.run()
    #expect(found == original)
    for key in keys { #expect(found.fact("tokens").contains(key)) }
  }

  @Test func `a marker id missing in config.json and the tokenizer is refused`() throws {
    let variant = try VariantCheckpoint("qwen2_5_av")
    try variant.thinker { $0["vision_end_token_id"] = nil }
    for file in ["tokenizer.json", "tokenizer_config.json"] {
      let place = variant.url.appending(path: file)
      let text = try String(contentsOf: place, encoding: .utf8)
        .replacingOccurrences(of: "<|vision_eos|>", with: "<|vision_end_of|>")
      try Data(text.utf8).write(to: place)
    }
    let error = #expect(throws: CheckpointError.self) { try Thinker(directory: variant.path) }
    guard case .badConfiguration(_, "vision_end_token_id", "absent", let expected) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(expected.contains("<|vision_eos|>"))
  }

  @Test func `closing media markers have the tokenizer's ids`()
    throws
  {
    let variant = try VariantCheckpoint("qwen2_5_av")
    let original = try variant.run()
    try variant.thinker { $0["vision_end_token_id"] = 3 }
    let found = try variant.run()
    #expect(found == original)
    #expect(found.warnings("tokens").contains { $0.contains("vision_end_token_id 3") })
  }

  @Test(arguments: ["audio_token_index", "video_token_index", "audio_start_token_id"])
  func `a contradictory media token id is refused when its medium is used`(
    key: String
  ) throws {
    let variant = try VariantCheckpoint("qwen2_5_av").thinker { $0[key] = 7 }
    let thinker = try Thinker(directory: variant.path)
    let error = #expect(throws: PromptError.self) {
      try Prompt(GoldenCase("qwen2_5_av").clip(), for: thinker)
    }
    guard case .tokenConflict(let conflict) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(conflict.key == key && conflict.id == 7)
    _ = try Prompt(ClipInput(question: "what?", secondsPerGrid: 1), for: thinker)
  }

  @Test(arguments: [
    ("qwen2_5_av", "audio_token_index", 151_646), ("qwen3_av", "video_token_id", 151_656),
  ])
  func `a missing token id gets transformers' default, with a notice`(
    golden: String, key: String, id: Int
  ) throws {
    let variant = try VariantCheckpoint(golden).thinker { $0[key] = nil }
    let thinker = try Thinker(directory: variant.path)
    #expect(thinker.facts.contains { $0.subject == "defaults" && $0.fact.contains("\(key) \(id)") })
    // This tokenizer makes another id of it.
    let error = #expect(throws: PromptError.self) {
      try Prompt(GoldenCase(golden).clip(), for: thinker)
    }
    guard case .tokenConflict(let conflict) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(conflict.key == key && conflict.id == id)
  }

  @Test func `the default head width is hidden size / heads, rounded down`() throws {
    let check = ConfigurationValidator(path: "config.json")
    let keys: [String: Any] = [
      "num_hidden_layers": 2, "hidden_size": 50, "num_attention_heads": 4,
      "num_key_value_heads": 2, "intermediate_size": 8, "vocab_size": 100,
      "rope_parameters": ["rope_type": "default", "mrope_section": [2, 2, 2]],
    ]
    let data = try JSONSerialization.data(withJSONObject: keys)
    let file = try JSONDecoder().decode(TextFile.self, from: data)
    let written = try JSONDecoder().decode([String: JSONValue].self, from: data)
    let found = try DecoderConfiguration(file, written, Qwen25Omni(), check)
    #expect(found.headWidth == 12)
  }

  @Test(arguments: ["text_config", "vision_config", "audio_config"])
  func `missing encoder sizes get transformers' defaults, with a notice`(part: String) throws {
    let variant = try VariantCheckpoint("qwen2_5_av").part(part) { keys in
      keys = keys.filter { $0.key == "model_type" || $0.key.hasPrefix("rope") }
      if part == "text_config" { keys["rope_scaling"] = nil }
    }
    // Its weights are of other sizes, so that only the configuration can be read: the outputs of the
    // towers are transformers' 3584 as well.
    let error = #expect(throws: CheckpointError.self) {
      try OmniConfiguration(directory: variant.path)
    }
    guard case .badConfiguration(_, let key, let value, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    let expected =
      switch part {
      case "text_config": (key: "vision_config.out_hidden_size", value: "48")
      case "vision_config": (key: "vision_config.out_hidden_size", value: "3584")
      default: (key: "audio_config.output_dim", value: "3584")
      }
    #expect(key == expected.key && value == expected.value)
  }

  @Test(arguments: [
    ("4.57.1", "n_window_infer", "audio_config.n_window_infer 400"),
    ("5.23.0", "n_window_infer", "audio_config.n_window_infer 800"),
    ("5.23.0", "n_window", "audio_config.n_window 50"),
    ("4.57.1", "n_window", "audio_config.n_window 100"),
  ])
  func `a default that differs between transformers versions follows the file`(
    version: String, key: String, expected: String
  ) throws {
    let variant = try VariantCheckpoint("qwen3_av").part("audio_config") { $0[key] = nil }
    try variant.config { $0["transformers_version"] = version }
    let facts = try OmniConfiguration(directory: variant.path).facts
    #expect(facts.contains { $0.subject == "defaults" && $0.fact.contains(expected) })

    try variant.config { $0["transformers_version"] = nil }
    let error = #expect(throws: CheckpointError.self) {
      try OmniConfiguration(directory: variant.path)
    }
    guard case .badConfiguration(_, "audio_config." + key, "absent", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `an n_window that gives a wrong audio token count is refused`()
    throws
  {
    let variant = try VariantCheckpoint("qwen3_av").part("audio_config") { $0["n_window"] = 100 }
    try variant.part("audio_config") { $0["n_window_infer"] = 400 }
    let thinker = try Thinker(directory: variant.path)
    let question = "what?"
    #expect(throws: PromptError.audioWindow(windowFrames: 100)) {
      try Prompt(
        ClipInput(
          question: question, waveform: Array(repeating: 0.1, count: 24_000), secondsPerGrid: 1),
        for: thinker)
    }
    let short = try Prompt(
      ClipInput(
        question: question, waveform: Array(repeating: 0.1, count: 16_000), secondsPerGrid: 1),
      for: thinker)
    #expect(short.clips[0].audioTokens == 13)
  }
}
