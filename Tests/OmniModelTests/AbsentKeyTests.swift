import Foundation
import TestSupport
import Testing

@testable import OmniModel

/// Keys that transformers does not write where they have its own default, and others like them.
struct AbsentKeyTests {
  @Test(arguments: [
    ("qwen2_5_av", ["vision_start_token_id", "vision_end_token_id"]),
    ("qwen3_av", ["vision_start_token_id", "vision_end_token_id", "audio_end_token_id"]),
  ])
  func `markers that config.json does not know are the tokenizer's`(
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

  @Test func `a marker that neither knows is refused by name`() throws {
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

  @Test func `a closing marker is what the tokenizer makes of it, as the processor writes it`()
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
  func `an id that the tokenizer does not make is refused once a medium needs it`(
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
  func `transformers' own id is taken where none is written, and said`(
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

  @Test func `heads are as wide as the hidden size divided by them, rounded down`() throws {
    let check = Check(path: "config.json")
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
  func `what a tower is made of has transformers' defaults, and they are named`(part: String) throws
  {
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
  func `a default that versions differ in is that of the version that wrote the file`(
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

  @Test func `sound that another n_window counts wrongly is refused, and shorter sound is not`()
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
