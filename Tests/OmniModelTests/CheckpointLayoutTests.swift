import Foundation
import TestSupport
import Testing

@testable import OmniModel

/// Configurations and preprocessors in the layouts of transformers 4.57 and 5.23, and mixtures of
/// them. Values are those of transformers 5.23.
@Suite struct `Checkpoint layouts` {
  typealias Keys = [String: Any]

  static let originals: [String: [(Int, Float)]] = [
    "qwen2_5_av": [(532, 5.04879), (413, 4.42927), (487, 4.12377)],
    "qwen3_av": [(280, 5.00575), (61, 4.44614), (299, 4.35031)],
  ]

  /// What makes a difference between the families' files.
  private static let families = ["qwen2_5_av", "qwen3_av"]

  /// Moves `rope_theta` and `rope_scaling` into `rope_parameters`.
  private func moveRotary(_ text: inout Keys, _ more: Keys = [:]) {
    var inner = text.removeValue(forKey: "rope_scaling") as? Keys ?? [:]
    inner["type"] = nil
    inner["rope_type"] = "default"
    inner["rope_theta"] = text.removeValue(forKey: "rope_theta")
    text["rope_parameters"] = inner.merging(more) { $1 }
  }

  /// Brings both preprocessors' files into one.
  private func joinPreprocessors(_ variant: VariantCheckpoint, sound: Keys = [:]) throws {
    let (old, video) = try (
      variant.keys(of: "preprocessor_config.json"),
      variant.keys(of: "video_preprocessor_config.json")
    )
    func sized(_ keys: Keys) -> Keys {
      var keys = keys
      keys["size"] = [
        "shortest_edge": keys.removeValue(forKey: "min_pixels"),
        "longest_edge": keys.removeValue(forKey: "max_pixels"),
      ]
      return keys
    }
    let image = [
      "image_mean", "image_std", "min_pixels", "max_pixels", "merge_size", "patch_size",
      "temporal_patch_size", "image_processor_type",
    ]
    let heard = [
      "chunk_length", "dither", "feature_extractor_type", "feature_size", "hop_length", "n_fft",
      "n_samples", "nb_max_frames", "padding_side", "padding_value", "return_attention_mask",
      "sampling_rate",
    ]
    try variant.write(
      "processor_config.json",
      [
        "processor_class": old["processor_class"] ?? "",
        "image_processor": sized(old.filter { image.contains($0.key) }),
        "video_processor": sized(video),
        "feature_extractor": old.filter { heard.contains($0.key) }.merging(sound) { $1 },
      ])
    try variant.write("preprocessor_config.json", nil)
    try variant.write("video_preprocessor_config.json", nil)
  }

  @Test(arguments: families)
  func `a transformers 5 configuration gives the same logits`(_ name: String)
    throws
  {
    let variant = try VariantCheckpoint(name)
    let original = try variant.run()
    #expect(original.begins(with: try #require(Self.originals[name])))
    try variant.config { $0["dtype"] = $0.removeValue(forKey: "torch_dtype") }
    try variant.text { text in
      moveRotary(&text)
      text["layer_types"] = Array(repeating: "full_attention", count: 10)
    }
    try variant.part("vision_config") {
      $0["rope_parameters"] = ["rope_type": "axial", "rope_theta": 10000.0]
    }
    try joinPreprocessors(variant)
    let moved = try variant.run()
    #expect(moved == original)
    #expect(moved.fact("rope").contains("text_config.rope_parameters.rope_theta"))
    #expect(moved.fact("pixels").contains("processor_config.json image_processor"))
  }

  @Test func `the base of the rotary embedding is read from rope_parameters`() throws {
    let two = try VariantCheckpoint("qwen2_5_av").text { moveRotary(&$0, ["rope_theta": 1e4]) }
    #expect(try two.run().begins(with: [(512, 4.52156), (304, 4.37546)]))
    let three = try VariantCheckpoint("qwen3_av").text { moveRotary(&$0, ["rope_theta": 1e4]) }
    #expect(try three.run().begins(with: [(280, 4.9621), (279, 4.3145)]))
  }

  @Test func `rope_theta may be outside rope_parameters`() throws {
    let inside = try VariantCheckpoint("qwen2_5_av").text { moveRotary(&$0, ["rope_theta": 1e4]) }
    let outside = try VariantCheckpoint("qwen2_5_av").text { text in
      moveRotary(&text)
      text.inside("rope_parameters") { $0["rope_theta"] = nil }
      text["rope_theta"] = 1e4
    }
    let old = try VariantCheckpoint("qwen2_5_av").text { $0["rope_theta"] = 1e4 }
    #expect(try inside.run() == outside.run())
    #expect(try inside.run() == old.run())
  }

  @Test func `rope_scaling wins over rope_parameters, with a notice`()
    throws
  {
    let variant = try VariantCheckpoint("qwen2_5_av").text { text in
      text["rope_parameters"] = [
        "rope_type": "default", "rope_theta": 1e4, "mrope_section": [1, 1, 4],
      ]
    }
    let run = try variant.run()
    #expect(run.begins(with: try #require(Self.originals["qwen2_5_av"])))
    let warning = try #require(run.warnings("rope").first)
    #expect(warning.contains("rope_theta 10000"))
    #expect(warning.contains("mrope_section [1, 1, 4]"))
  }

  @Test func `rotary bases that transformers versions read differently are an error`() throws {
    let variant = try VariantCheckpoint("qwen2_5_av").text { text in
      moveRotary(&text, ["rope_theta": 1e4])
      text["rope_theta"] = 1e6
    }
    #expect(
      throws: CheckpointError.contradiction(
        first: "text_config.rope_theta 1000000",
        second: "text_config.rope_parameters.rope_theta 10000", path: variant.path + "/config.json")
    ) { try variant.run() }
    let lost = try VariantCheckpoint("qwen2_5_av").text { text in
      text["rope_theta"] = nil
      text["rope_parameters"] = ["rope_theta": 1e4]
    }
    #expect(throws: CheckpointError.self) { try lost.run() }
  }

  @Test(arguments: families)
  func `missing mrope sections are an error if the default does not fit`(_ name: String)
    throws
  {
    for change: (inout Keys) -> Void in [
      { $0["rope_scaling"] = NSNull() }, { $0["rope_scaling"] = nil },
      { text in
        self.moveRotary(&text)
        text.inside("rope_parameters") { $0["mrope_section"] = nil }
      },
    ] {
      let variant = try VariantCheckpoint(name).text(change)
      let error = #expect(throws: CheckpointError.self) { try variant.run() }
      guard case .badConfiguration(_, let key, let value, _) = try #require(error) else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(key.hasSuffix("mrope_section"))
      #expect(value.contains("absent"))
    }
  }

  @Test(
    arguments: [
      ("rope_type", "yarn" as any Sendable), ("rope_type", "linear"), ("rope_type", "dynamic"),
      ("rope_type", "llama3"), ("rope_type", "longrope"), ("type", "yarn"),
      ("partial_rotary_factor", 0.5), ("factor", 4.0), ("attention_factor", 1.2),
      ("original_max_position_embeddings", 32768), ("full_attention", ["rope_theta": 1e4]),
      ("beta_fast", 32), ("long_factor", [1.0]), ("mrope_section", [2, 1]),
      ("mrope_section", [2, 1, 4]), ("mrope_section", "213"), ("rope_theta", 0),
      ("rope_theta", "1e6"), ("mrope_interleaved", true),
    ] as [(String, any Sendable)])
  func `an unknown rotary embedding key is a load error with its name`(
    _ key: String, _ value: any Sendable
  ) throws {
    let new = try VariantCheckpoint("qwen2_5_av").text { moveRotary(&$0, [key: value]) }
    expectRefusal(of: "text_config.rope_parameters." + key, new)
    let old = try VariantCheckpoint("qwen2_5_av").text { text in
      text.inside("rope_scaling") { $0[key] = value }
    }
    if key != "rope_theta" || value is String || value as? Int == 0 {
      expectRefusal(of: "text_config.rope_scaling." + key, old)
    }
  }

  @Test(
    arguments: [
      ("qwen2_5_av", "text_config", "hidden_act", "gelu" as any Sendable),
      ("qwen2_5_av", "text_config", "use_sliding_window", true),
      ("qwen2_5_av", "text_config", "layer_types", ["sliding_attention"]),
      ("qwen2_5_av", "text_config", "partial_rotary_factor", 0.5),
      ("qwen2_5_av", "text_config", "norm_type", "layernorm"),
      ("qwen2_5_av", "text_config", "layer_norm_eps", 1e-5),
      ("qwen2_5_av", "text_config", "final_logit_softcapping", 30),
      ("qwen2_5_av", "text_config", "attention_multiplier", 0.5),
      ("qwen2_5_av", "text_config", "attention_bias", false),
      ("qwen2_5_av", "text_config", "use_qk_norm", true),
      ("qwen3_av", "text_config", "use_qk_norm", false),
      ("qwen3_av", "text_config", "shared_expert_intermediate_size", 64),
      ("qwen3_av", "text_config", "moe_layer_freq", 2),
      ("qwen2_5_av", "vision_config", "hidden_act", "gelu"),
      ("qwen2_5_av", "vision_config", "rope_parameters", ["rope_theta": 100]),
      ("qwen2_5_av", "vision_config", "spatial_patch_size", 16),
      ("qwen2_5_av", "vision_config", "rms_norm_eps", 1e-3),
      ("qwen3_av", "vision_config", "apply_vit_abs_pos_embed", false),
      ("qwen2_5_av", "audio_config", "activation_function", "relu"),
      ("qwen2_5_av", "audio_config", "scale_embedding", true),
      ("qwen2_5_av", "", "rope_scaling", ["type": "yarn"]),
      ("qwen2_5_av", "", "rms_norm_eps", 1e-3),
    ] as [(String, String, String, any Sendable)])
  func `an unknown key that affects results is a load error with its name`(
    _ golden: String, _ part: String, _ key: String, _ value: any Sendable
  ) throws {
    let variant = try VariantCheckpoint(golden)
    if part.isEmpty {
      try variant.thinker { $0[key] = value }
    } else {
      try variant.part(part) { $0[key] = value }
    }
    expectRefusal(of: key, variant)
  }

  @Test func `configuration keys without effect are ignored`() throws {
    let variant = try VariantCheckpoint("qwen3_av")
    let original = try variant.run()
    try variant.config { $0["made_by"] = "somebody" }
    try variant.thinker { thinker in
      thinker["im_new_here"] = ["a": 1]
      for part in ["text_config", "vision_config", "audio_config"] {
        thinker.inside(part) { inner in
          inner["chunk_size_feed_forward"] = 0
          inner["_attn_implementation_autoset"] = true
          inner["add_cross_attention"] = false
          inner["cross_attention_hidden_size"] = NSNull()
          inner["output_attentions"] = false
          inner["norm_of_the_future"] = NSNull()
          inner["note"] = "x"
        }
      }
    }
    #expect(try variant.run() == original)
  }

  @Test func `an absent configuration key gets transformers' default and a notice`() throws {
    let variant = try VariantCheckpoint("qwen2_5_av")
    let original = try variant.run()
    try variant.text { $0["rms_norm_eps"] = nil }
    try variant.part("vision_config") { $0["spatial_merge_size"] = nil }
    let run = try variant.run()
    #expect(run == original)
    #expect(run.fact("defaults").contains("text_config.rms_norm_eps 1e-06"))
    #expect(run.fact("defaults").contains("vision_config.spatial_merge_size 2"))
    #expect(original.fact("defaults").isEmpty)
  }

  @Test func `temporal grids of four frames equal the reference's`() throws {
    let variant = try VariantCheckpoint("qwen2_5_av")
      .part("vision_config") { $0["temporal_patch_size"] = 4 }
      .edit("preprocessor_config.json") { $0["temporal_patch_size"] = 4 }
      .edit("video_preprocessor_config.json") { $0["temporal_patch_size"] = 4 }
      .tensors { copy in
        let name = "thinker.visual.patch_embed.proj.weight"
        let (two, area) = (copy.tensors[name]?.floats ?? [], 14 * 14)
        let four = stride(from: 0, to: two.count, by: 2 * area).flatMap { start in
          let pair = Array(two[start..<start + 2 * area])
          return pair + pair.map { $0 * 0.5 }
        }
        copy.tensors[name] = .init([32, 3, 4, 14, 14], four)
      }
    let frames = (0..<5).map { time in
      (0..<64 * 96).flatMap { place in
        let (x, y) = (place % 96, place / 96)
        return [x * 5 + time * 9, y * 7 + time * 3, (x + y) * 3 + time * 17].map {
          UInt8($0 % 256)
        }
      }
    }
    // Two frames a second, so that a grid stands for two seconds.
    let clip = ClipInput(
      question: "Which colour?", video: PixelFrames(frames, height: 64, width: 96),
      secondsPerGrid: 2, leastPixels: 784, mostPixels: 12_845_056)
    let run = try VariantRun(Thinker(directory: variant.path), clip)
    #expect(run.begins(with: [(621, 4.86595), (97, 4.25975)]))
  }

  // MARK: tokenizer

  @Test func `a transformers 5 tokenizer gives the same ids`() throws {
    let variant = try VariantCheckpoint("qwen3_av")
    let original = try variant.run()
    try variant.edit("tokenizer_config.json") { keys in
      keys["added_tokens_decoder"] = nil
      keys["extra_special_tokens"] = ["<|im_start|>", "<|im_end|>"]
      keys["backend"] = "tokenizers"
    }
    try variant.write("vocab.json", nil)
    try FileManager.default.removeItem(at: variant.url.appending(path: "merges.txt"))
    #expect(try variant.run() == original)
  }

  @Test(arguments: [
    ("model", "ignore_merges", "true"), ("model", "dropout", "0.1"),
    ("model", "end_of_word_suffix", #""</w>""#), ("", "normalizer", #"{"type": "Lowercase"}"#),
    ("", "pre_tokenizer", #"{"type": "Whitespace"}"#),
    (
      "", "pre_tokenizer",
      #"{"type": "ByteLevel", "add_prefix_space": true, "use_regex": false}"#
    ),
    (
      "", "added_tokens",
      #"[{"id": 602, "content": "<|im_end|>", "special": true, "rstrip": true}]"#
    ),
  ])
  func `a tokenizer setting that would change ids is refused by name`(
    _ part: String, _ key: String, _ json: String
  ) throws {
    let value = try JSONSerialization.jsonObject(
      with: Data(json.utf8), options: .fragmentsAllowed)
    let variant = try VariantCheckpoint("qwen3_av").edit("tokenizer.json") { keys in
      if part.isEmpty { keys[key] = value } else { keys.inside(part) { $0[key] = value } }
    }
    let error = #expect(throws: CheckpointError.self) { try Tokenizer(directory: variant.path) }
    guard case .badJSON(_, let place, _) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(place.contains(key))
  }

  // MARK: preprocessors

  @Test func `image means of Qwen3-Omni are read from processor_config.json`() throws {
    let variant = try VariantCheckpoint("qwen3_av")
    let original = try variant.run()
    try joinPreprocessors(variant)
    #expect(try variant.run() == original)
    try variant.edit("processor_config.json") { keys in
      keys.inside("video_processor") { $0["image_mean"] = [0.4, 0.5, 0.6] }
    }
    let other = try variant.run()
    let old = try VariantCheckpoint("qwen3_av")
      .edit("video_preprocessor_config.json") { $0["image_mean"] = [0.4, 0.5, 0.6] }
    #expect(other != original)
    #expect(try old.run() == other)
  }

  @Test func `pixel limits are read from size and from the older keys`() throws {
    func bounds(_ variant: VariantCheckpoint) throws -> PixelBounds {
      try Thinker(directory: variant.path).preprocessor.imagePixels
    }
    let variant = try VariantCheckpoint("qwen2_5_av")
    try joinPreprocessors(variant)
    try variant.edit("processor_config.json") { keys in
      keys.inside("image_processor") {
        $0["size"] = ["shortest_edge": 5000, "longest_edge": 600_000]
      }
    }
    #expect(try bounds(variant) == PixelBounds(least: 5000, most: 600_000))
    let old = try VariantCheckpoint("qwen2_5_av").edit("preprocessor_config.json") {
      $0["size"] = ["shortest_edge": 5000, "longest_edge": 600_000]
    }
    #expect(try bounds(old) == PixelBounds(least: 784, most: 12_845_056))
  }

  @Test func `a saved chunk length of 30 is ignored for Qwen3-Omni, with a notice`()
    throws
  {
    let variant = try VariantCheckpoint("qwen3_av")
    try joinPreprocessors(variant, sound: ["chunk_length": 30, "n_samples": 480_000])
    let thinker = try Thinker(directory: variant.path)
    #expect(thinker.preprocessor.audioSeconds == 300)
    #expect(
      thinker.facts.contains { $0.subject == "longest audio" && $0.fact.contains("not a limit") })
    let old = try VariantCheckpoint("qwen3_av")
      .edit("preprocessor_config.json") { $0["chunk_length"] = 30 }
    #expect(try Thinker(directory: old.path).preprocessor.audioSeconds == 30)
    let two = try VariantCheckpoint("qwen2_5_av")
    try joinPreprocessors(two, sound: ["chunk_length": 30])
    #expect(try Thinker(directory: two.path).preprocessor.audioSeconds == 30)
  }

  @Test func `preprocessor files of both layouts may coexist if they agree`() throws {
    let variant = try VariantCheckpoint("qwen3_av")
    let original = try variant.run()
    let (old, video) = try (
      variant.keys(of: "preprocessor_config.json"),
      variant.keys(of: "video_preprocessor_config.json")
    )
    try joinPreprocessors(variant)
    try variant.write("preprocessor_config.json", old)
      .write("video_preprocessor_config.json", video)
    #expect(try variant.run() == original)
    try variant.edit("preprocessor_config.json") { $0["image_mean"] = [0.1, 0.2, 0.3] }
    let error = #expect(throws: CheckpointError.self) { try variant.run() }
    guard case .contradiction(_, let second, let path) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(second.contains("/preprocessor_config.json"))
    #expect(path.hasSuffix("/processor_config.json"))
  }

  @Test func `processor_config.json alone is enough for the video settings`() throws {
    let variant = try VariantCheckpoint("qwen3_av")
      .edit("video_preprocessor_config.json") { $0["image_mean"] = [0.4, 0.5, 0.6] }
    let original = try variant.run()
    let old = try variant.keys(of: "preprocessor_config.json")
    try joinPreprocessors(variant)
    try variant.edit("processor_config.json") { keys in
      keys["image_processor"] = nil
      keys["feature_extractor"] = nil
    }
    try variant.write("preprocessor_config.json", old)
    #expect(try variant.run() == original)
  }

  @Test func `published settings replace missing preprocessor files, with a notice`()
    throws
  {
    let variant = try VariantCheckpoint("qwen3_av")
    let original = try variant.run()
    try variant.write("preprocessor_config.json", nil)
      .write("video_preprocessor_config.json", nil)
    let run = try variant.run()
    #expect(run == original)
    #expect(run.warnings("preprocessing").count == 1)
  }

  @Test(
    arguments: [
      ("image_processor", "do_resize", false as any Sendable),
      ("image_processor", "do_rescale", false), ("video_processor", "do_normalize", false),
      ("image_processor", "resample", 2), ("video_processor", "rescale_factor", 0.5),
      ("image_processor", "image_mean", [0.5, 0.5]), ("image_processor", "image_std", [1, 1, 0]),
      ("image_processor", "patch_size", 16), ("video_processor", "merge_size", 4),
      ("video_processor", "temporal_patch_size", 4), ("image_processor", "do_center_crop", true),
      ("image_processor", "pad_size", ["height": 10, "width": 10]),
      ("image_processor", "size", ["height": 10, "width": 10]), ("image_processor", "gamma", 2.2),
      ("image_processor", "image_processor_type", "CLIPImageProcessor"),
      ("feature_extractor", "feature_size", 80), ("feature_extractor", "hop_length", 320),
      ("feature_extractor", "n_fft", 512), ("feature_extractor", "sampling_rate", 8000),
      ("feature_extractor", "padding_value", 1), ("feature_extractor", "dither", 0.1),
      ("feature_extractor", "padding_side", "left"), ("feature_extractor", "preemphasis", 0.97),
      ("feature_extractor", "feature_extractor_type", "SeamlessM4TFeatureExtractor"),
      ("feature_extractor", "chunk_length", 0),
    ] as [(String, String, any Sendable)])
  func `an unknown preprocessor key is a load error with its name`(
    _ part: String, _ key: String, _ value: any Sendable
  ) throws {
    let variant = try VariantCheckpoint("qwen2_5_av")
    try joinPreprocessors(variant)
    try variant.edit("processor_config.json") { keys in keys.inside(part) { $0[key] = value } }
    expectRefusal(of: part + "." + key, variant, prefix: true)
    let old = try VariantCheckpoint("qwen2_5_av")
    let file = part == "video_processor" ? "video_preprocessor" : "preprocessor"
    try old.edit(file + "_config.json") { keys in
      keys["min_pixels"] = nil
      keys[key] = value
    }
    expectRefusal(of: key, old, prefix: true)
  }

  private func expectRefusal(
    of key: String, _ variant: VariantCheckpoint, prefix: Bool = false,
    _ place: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: CheckpointError.self, sourceLocation: place) {
      try Thinker(directory: variant.path)
    }
    let named: String? =
      switch error {
      case .badConfiguration(_, let key, _, _): key
      case .unknownKey(_, let key, _): key
      default: nil
      }
    #expect(
      named.map {
        prefix ? $0.hasPrefix(key) : $0.hasPrefix(key) || $0.hasSuffix(key) || $0.contains(key)
      }
        ?? false, "\(key): \(String(describing: error))", sourceLocation: place)
  }
}
