import Foundation
import TestSupport
import Testing

@testable import OmniModel

/// Heads, tensor names and other formats of checkpoints, as people hold them.
@Suite struct `Checkpoint names` {
  // MARK: the head

  @Test(
    arguments: [
      [nil, false, true], [nil, true, nil], [true, true, nil], [true, true, true],
      [true, false, true], [false, false, false], [nil, nil, nil],
    ] as [[Bool?]])
  func `a stored lm_head is used even with tied embeddings`(_ says: [Bool?]) throws {
    let variant = try VariantCheckpoint("qwen2_5_av")
    try tie(variant, says)
    #expect(try variant.run().begins(with: [(532, 5.04879), (413, 4.42927), (487, 4.12377)]))
  }

  @Test(
    arguments: [
      [true, nil, nil], [nil, true, false], [nil, false, true], [true, true, nil],
      [false, true, false],
    ] as [[Bool?]])
  func `tied embeddings replace a missing lm_head`(_ says: [Bool?])
    throws
  {
    let variant = try VariantCheckpoint("qwen2_5_av")
      .tensors { $0.tensors["thinker.lm_head.weight"] = nil }
    try tie(variant, says)
    let run = try variant.run()
    #expect(run.begins(with: [(246, 17.86624), (197, 16.58318)]))
    #expect(run.fact("head").contains("tie_word_embeddings"))
  }

  @Test(arguments: [[false, false, false], [nil, nil, nil]] as [[Bool?]])
  func `a missing lm_head without tied embeddings is an error with its name`(_ says: [Bool?]) throws
  {
    let variant = try VariantCheckpoint("qwen2_5_av")
      .tensors { $0.tensors["thinker.lm_head.weight"] = nil }
    try tie(variant, says)
    #expect(
      throws: CheckpointError.missingHead(name: "thinker.lm_head.weight", path: variant.path)
    ) { try variant.run() }
  }

  /// - Parameter says: the key at the root, in the thinker's and in the text configuration.
  private func tie(_ variant: VariantCheckpoint, _ says: [Bool?]) throws {
    try variant.config { $0["tie_word_embeddings"] = says[0] }
    try variant.thinker { $0["tie_word_embeddings"] = says[1] }
    try variant.text { $0["tie_word_embeddings"] = says[2] }
  }

  // MARK: names

  /// What savers make of the names of a whole model.
  static let spellings: [(title: String, spell: @Sendable (String) -> String)] = [
    ("a thinker's", { String($0.dropFirst("thinker.".count)) }),
    (
      "modules of transformers 5 in a whole model",
      {
        $0.replacing("thinker.model.", with: "thinker.model.language_model.")
          .replacing("thinker.visual.", with: "thinker.model.visual.")
          .replacing("thinker.audio_tower.", with: "thinker.model.audio_tower.")
      }
    ),
    (
      "modules of transformers 5 in a thinker",
      {
        String($0.dropFirst("thinker.".count)).modules
      }
    ),
    (
      "only the decoder's",
      { $0.replacing("thinker.model.", with: "thinker.model.language_model.") }
    ),
    (
      "a language model's",
      {
        String($0.dropFirst("thinker.".count)).replacing(
          "lm_head.", with: "language_model.lm_head."
        )
        .replacing("model.", with: "language_model.model.", maxReplacements: 1)
        .replacing("language_language_model.model.lm_head", with: "language_model.lm_head")
      }
    ),
    ("a parallel thinker's", { "module." + $0.dropFirst("thinker.".count) }),
    ("a parallel model's", { "module." + $0 }),
    ("a thinker in a model", { "model." + $0 }),
    ("everything in a model", { "model." + $0.dropFirst("thinker.".count) }),
    ("merged LoRA", { "base_model.model." + $0 }),
    ("merged LoRA of a thinker", { "base_model.model." + $0.dropFirst("thinker.".count) }),
    (
      "merged LoRA of modules of transformers 5",
      { "base_model.model." + String($0.dropFirst("thinker.".count)).modules }
    ),
    ("merged LoRA in a thinker", { "thinker.base_model.model." + $0.dropFirst("thinker.".count) }),
    ("a compiled model's", { "_orig_mod." + $0 }),
    (
      "a sharded model's",
      {
        "_fsdp_wrapped_module."
          + $0.replacing(".self_attn.", with: "._fsdp_wrapped_module.self_attn.")
      }
    ),
  ]

  @Test(arguments: Self.spellings.indices, ["qwen2_5_av", "qwen3_av"])
  func `every supported tensor naming gives the same model`(_ index: Int, _ golden: String) throws {
    let variant = try VariantCheckpoint(golden)
    let original = try variant.run()
    try variant.tensors { $0.rename(Self.spellings[index].spell) }
    try variant.tensors { $0.tensors["talker.model.norm.weight"] = .init([2], [1, 1]) }
    #expect(try variant.run() == original, "\(Self.spellings[index].title)")
  }

  @Test func `an unknown tensor name prefix is an error with the prefix`() throws {
    let variant = try VariantCheckpoint("qwen2_5_av").tensors { copy in
      copy.rename { "pipeline.omni." + $0 }
    }
    let error = #expect(throws: CheckpointError.self) { try variant.run() }
    guard case .foreignName(_, let found, _) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(found.hasPrefix("pipeline.omni.thinker."))
  }

  @Test func `a tensor stored under two names is an error with both names`() throws {
    let variant = try VariantCheckpoint("qwen2_5_av").tensors { copy in
      copy.tensors["thinker.model.language_model.norm.weight"] =
        copy.tensors["thinker.model.norm.weight"]
    }
    #expect(
      throws: CheckpointError.ambiguousTensor(
        path: variant.path, first: "thinker.model.language_model.norm.weight",
        second: "thinker.model.norm.weight")
    ) { try variant.run() }
  }

  @Test func `a checkpoint with a talker but no thinker is refused`() throws {
    let variant = try VariantCheckpoint("qwen2_5_av").tensors { copy in
      copy.rename { $0.contains("norm") ? $0.replacing("thinker.", with: "talker.") : nil }
    }
    let error = #expect(throws: CheckpointError.self) { try variant.run() }
    guard case .noThinker(let found, _) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(found.hasPrefix("talker."))
  }

  // MARK: experts

  @Test(arguments: ["", ".weight"])
  func `fused and separate expert weights give the same model`(_ suffix: String) throws {
    let variant = try VariantCheckpoint("qwen3_av")
    let original = try variant.run()
    try variant.tensors { Self.fuse(&$0, suffix) }
    #expect(try variant.run() == original)
    #expect(try variant.run().begins(with: [(280, 5.00575), (61, 4.44614)]))
  }

  @Test func `fused expert weights of a wrong shape are refused by name`() throws {
    let variant = try VariantCheckpoint("qwen3_av").tensors { copy in
      Self.fuse(&copy, "")
      for (name, tensor) in copy.tensors where name.hasSuffix("gate_up_proj") {
        let shape = [tensor.shape[0], tensor.shape[2], tensor.shape[1]]
        copy.tensors[name] = .init(type: tensor.type, shape: shape, bytes: tensor.bytes)
      }
    }
    let error = #expect(throws: CheckpointError.self) { try variant.run() }
    guard case .shapeMismatch(let name, _, let expected, let found) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(name == "thinker.model.layers.0.mlp.experts.gate_up_proj")
    #expect((expected, found) == ([5, 24, 48], [5, 48, 24]))
  }

  @Test func `a wrong expert count in the configuration is refused`() throws {
    let variant = try VariantCheckpoint("qwen3_av").tensors { Self.fuse(&$0, "") }
    try variant.text { $0["num_experts"] = 4 }
    #expect(
      throws: CheckpointError.badConfiguration(
        path: variant.path + "/config.json", key: "text_config.num_experts", value: "4",
        expected: "5, the count of experts in the weights")
    ) { try variant.run() }
  }

  @Test(arguments: ["num_local_experts", "n_routed_experts"])
  func `the expert count is read from any of its keys`(_ key: String) throws {
    let variant = try VariantCheckpoint("qwen3_av")
    let original = try variant.run()
    try variant.text { $0[key] = $0.removeValue(forKey: "num_experts") }
    #expect(try variant.run() == original)
    try variant.text { $0["num_experts"] = 128 }
    #expect(throws: CheckpointError.self) { try variant.run() }
  }

  @Test func `a missing expert count is read from the weights`() throws {
    let variant = try VariantCheckpoint("qwen3_av").text { $0["num_experts"] = nil }
    #expect(
      throws: CheckpointError.badConfiguration(
        path: variant.path + "/config.json", key: "text_config.num_experts", value: "absent",
        expected: "5, the count of experts in the weights")
    ) { try variant.run() }
  }

  private static func fuse(_ copy: inout SafetensorsCopy, _ suffix: String) {
    for layer in 0..<10 {
      let stem = "thinker.model.layers.\(layer).mlp.experts."
      func floats(_ expert: Int, _ name: String) -> [Float] {
        copy.tensors["\(stem)\(expert).\(name).weight"]?.floats ?? []
      }
      let both = (0..<5).flatMap { floats($0, "gate_proj") + floats($0, "up_proj") }
      let down = (0..<5).flatMap { floats($0, "down_proj") }
      copy.tensors[stem + "gate_up_proj" + suffix] = .init([5, 24, 48], both)
      copy.tensors[stem + "down_proj" + suffix] = .init([5, 48, 12], down)
      copy.rename { name in
        name.hasPrefix(stem) && name.hasSuffix("_proj.weight")
          && name.dropFirst(stem.count).first?.isNumber == true ? nil : name
      }
    }
  }

  // MARK: adapters and other formats

  @Test func `an adapter next to complete weights is ignored, with a notice`() throws {
    let variant = try VariantCheckpoint("qwen2_5_av")
    let original = try variant.run()
    try variant.write("adapter_config.json", ["peft_type": "LORA", "r": 8])
    let run = try variant.run()
    #expect(run == original)
    #expect(run.warnings("adapter").count == 1)
  }

  @Test(arguments: ["lora_A.default.weight", "lora_A.weight", "weight_scale"])
  func `unused tensors of a checkpoint are reported by name`(_ name: String) throws {
    let tensor = "thinker.model.layers.0.self_attn.q_proj." + name
    let variant = try VariantCheckpoint("qwen2_5_av")
      .tensors { $0.tensors[tensor] = .init([1, 48], .init(repeating: 0.1, count: 48)) }
    let run = try variant.run()
    #expect(run.begins(with: [(532, 5.04879)]))
    #expect(try #require(run.warnings("unread").first).contains(tensor))
  }

  @Test func `base_layer weights are reported as an unmerged adapter`() throws {
    let variant = try VariantCheckpoint("qwen2_5_av").tensors { copy in
      copy.rename {
        "base_model.model."
          + $0.replacing("self_attn.q_proj.weight", with: "self_attn.q_proj.base_layer.weight")
      }
    }
    let error = #expect(throws: CheckpointError.self) { try variant.run() }
    guard case .unmergedAdapter(let name, _) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(name.contains("base_layer"))
  }

  @Test func `an unsupported weight format is an error with its name`() throws {
    func format(_ files: [String], _ contents: String = "x") throws -> CheckpointError? {
      let variant = try VariantCheckpoint("qwen2_5_av")
      for name in try FileManager.default.contentsOfDirectory(atPath: variant.path) {
        try FileManager.default.removeItem(at: variant.url.appending(path: name))
      }
      for file in files {
        try Data(contents.utf8).write(to: variant.url.appending(path: file))
      }
      return #expect(throws: CheckpointError.self) { try Thinker(directory: variant.path) }
    }
    for (file, word) in [
      ("model-q4.gguf", "GGUF"), ("pytorch_model.bin", "pytorch_model.bin"),
      ("pytorch_model.bin.index.json", "pytorch_model.bin"),
      ("pytorch_model-00001-of-00002.bin", "pytorch_model.bin"), ("consolidated.00.pth", "PyTorch"),
    ] {
      for files in [[file], [file, "config.json"]] {
        guard case .foreignFormat(_, let format) = try #require(try format(files)) else {
          Issue.record("\(files)")
          continue
        }
        #expect(format.contains(word))
      }
    }
    let adapter = try format(
      ["adapter_config.json"], #"{"base_model_name_or_path": "Qwen/Qwen2.5-Omni-7B"}"#)
    guard case .adapterAlone(_, let base) = try #require(adapter) else {
      Issue.record("\(String(describing: adapter))")
      return
    }
    #expect(base == "Qwen/Qwen2.5-Omni-7B")
  }

  @Test func `a GGUF file is recognised under any name`() throws {
    let variant = try VariantCheckpoint("qwen2_5_av")
    let file = variant.url.appending(path: "weights.bin")
    try Data("GGUF\u{3}\0\0\0".utf8).write(to: file)
    #expect(
      throws: CheckpointError.foreignFormat(path: file.path, format: "a GGUF file")
    ) { try Thinker(directory: file.path) }
  }
}

extension String {
  /// A thinker's name as the modules of transformers 5 have it.
  fileprivate var modules: String {
    for (old, new) in [
      ("model.", "model.language_model."), ("visual.", "model.visual."),
      ("audio_tower.", "model.audio_tower."),
    ] where hasPrefix(old) { return new + dropFirst(old.count) }
    return self
  }
}
