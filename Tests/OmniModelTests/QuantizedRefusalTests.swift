import Foundation
import TestSupport
import Testing

@testable import OmniModel

/// Quantised and adapted weights that are not what their configuration says: one error that names
/// what was found and where.
@Suite struct `Unsupported quantised weights` {
  private static let decoders = Fixtures.directory.appending(path: "quantised/decoders")

  /// Copies a case, changes its config.json, and reads its first matrix.
  private func fault(
    _ name: String, replacing pairs: [(String, String)] = [], without file: String? = nil,
    shape: [Int]? = nil
  ) throws -> QuantizationFault? {
    let scratch = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    try FileManager.default.copyItem(at: Self.decoders.appending(path: name), to: scratch)
    let config = scratch.appending(path: "config.json")
    var text = try String(contentsOf: config, encoding: .utf8)
    for (from, to) in pairs {
      #expect(text.contains(from), "\(name) has no \(from)")
      text = text.replacing(from, with: to)
    }
    try Data(text.utf8).write(to: config)
    if let file { try FileManager.default.removeItem(at: scratch.appending(path: file)) }
    let expected = try TensorArchive(scratch.appending(path: "expected.safetensors"))
    let whole = try expected.shape("model.a.weight")
    let error = checkpointError {
      _ = try Checkpoint(scratch.path).stored("model.a.weight", shape: shape ?? whole)
    }
    guard let error else { return nil }
    guard case .quantized(let fault) = error else { throw error }
    return fault
  }

  @Test(arguments: [
    ("bitsandbytes", "quant_method"), ("hqq", "quant_method"), ("aqlm", "quant_method"),
    ("eetq", "quant_method"), ("quark", "quant_method"), ("torchao", "quant_method"),
    ("spqr", "quant_method"), ("vptq", "quant_method"), ("mxfp4", "quant_method"),
    ("nvfp4", "quant_method"), ("bitnet", "quant_method"), ("gguf", "quant_method"),
  ])
  func `an unsupported quantisation scheme is an error with its key`(
    _ scheme: String, _ key: String
  ) throws {
    let found = try fault("awq-group", replacing: [(#""awq""#, "\"\(scheme)\"")])
    guard case .unknownScheme(scheme, let path, "thinker_config.quantization_config") = found else {
      Issue.record("\(String(describing: found))")
      return
    }
    #expect(path.hasSuffix("/config.json"))
  }

  @Test(arguments: [
    ("awq-group", #""version": "gemm""#, #""version": "gemv""#, "awq gemv"),
    ("awq-group", #""bits": 4"#, #""bits": 8"#, "awq of 8 bits"),
    (
      "gptq-symmetric", #""checkpoint_format": "gptq""#, #""checkpoint_format": "marlin""#,
      "gptq marlin"
    ),
    ("gptq-symmetric", #""bits": 4"#, #""bits": 5"#, "gptq of 5 bits"),
    (
      "pack-int4-group-symmetric", "pack-quantized", "nvfp4-pack-quantized",
      "compressed-tensors nvfp4-pack-quantized"
    ),
    (
      "pack-int4-group-symmetric", #""quantization_status""#,
      #""transform_config": {"config_groups": {"R1": {}}}, "quantization_status""#,
      "compressed-tensors with transform_config"
    ),
    (
      "pack-int4-group-symmetric", #""quantization_status""#,
      #""sparsity_config": {"format": "sparse-24-bitmask"}, "quantization_status""#,
      "compressed-tensors sparse-24-bitmask"
    ),
    (
      "pack-int4-group-symmetric", #""strategy": "group""#, #""strategy": "attn_head""#,
      "compressed-tensors with strategy attn_head"
    ),
  ])
  func `an unsupported variant of a quantisation scheme is an error`(
    _ name: String, _ from: String, _ to: String, _ scheme: String
  ) throws {
    let found = try fault(name, replacing: [(from, to)])
    guard case .unknownScheme(scheme, _, _) = found else {
      Issue.record("\(String(describing: found))")
      return
    }
  }

  @Test(arguments: [
    ("gptq-v2", #""gptq""#, #""awq""#, "awq", "GPTQ"),
    ("gptq-ordered", #""quant_method": "gptq""#, #""quant_method": "awq""#, "awq", "GPTQ"),
    ("awq-group", #""awq""#, #""gptq""#, "gptq", "AWQ"),
    ("awq-group", #""awq""#, #""fp8""#, "fp8", "AWQ"),
    (
      "pack-int4-group-symmetric", #""compressed-tensors""#, #""fp8""#, "fp8",
      "compressed-tensors pack-quantized"
    ),
    (
      "autoround-awq", "auto_round:auto_awq", "auto_round:auto_gptq",
      "auto-round auto_round:auto_gptq", "AWQ"
    ),
  ])
  func `a configured scheme that contradicts the tensors names both`(
    _ name: String, _ from: String, _ to: String, _ stated: String, _ scheme: String
  ) throws {
    let found = try fault(name, replacing: [(from, to)])
    guard case .otherScheme(stated, scheme, "model.a.", _, _) = found else {
      Issue.record("\(String(describing: found))")
      return
    }
  }

  @Test(arguments: [
    ("awq-group", #""group_size": 32"#, #""group_size": 128"#, "scales"),
    ("awq-group", #""group_size": 32"#, #""group_size": 16"#, "scales"),
    ("gptq-symmetric", #""group_size": 32"#, #""group_size": 64"#, "scales"),
    ("gptq-symmetric", #""bits": 4"#, #""bits": 8"#, "qweight"),
    ("pack-int4-group-symmetric", #""group_size": 32"#, #""group_size": 16"#, "weight_scale"),
    ("pack-int4-group-symmetric", #""num_bits": 4"#, #""num_bits": 8"#, "weight_scale"),
    ("pack-int4-group-symmetric", #""symmetric": true"#, #""symmetric": false"#, "weight_scale"),
    ("pack-int4-group-asymmetric", #""symmetric": false"#, #""symmetric": true"#, "weight_scale"),
    ("float8-channel", #""type": "float""#, #""type": "int""#, "weight_scale"),
  ])
  func `a quantised tensor with a wrong shape is an error with its name`(
    _ name: String, _ from: String, _ to: String, _ tensor: String
  ) throws {
    let found = try fault(name, replacing: [(from, to)])
    guard case .wrongTensor(_, "model.a." + tensor, _, _, _) = found else {
      Issue.record("\(String(describing: found))")
      return
    }
  }

  @Test func `FP8 blocks of another size than configured are refused`() throws {
    let blocks = #""weight_block_size": [\#n   128,\#n   128\#n  ]"#
    let found = try fault(
      "fp8-block-ragged", replacing: [(blocks, #""weight_block_size": [64, 64]"#)])
    guard case .wrongTensor(_, "model.a.weight_scale_inv", _, _, _) = found else {
      Issue.record("\(String(describing: found))")
      return
    }
  }

  @Test func `a quantised matrix with a wrong shape is refused`() throws {
    for name in QuantizedDecoderCases.names {
      let found = try fault(name, shape: [7, 13])
      #expect(found != nil, "\(name)")
    }
  }

  @Test func `quantised tensors without settings are read only if unambiguous`() throws {
    for name in ["awq-group", "pack-int4-group-symmetric", "float8-channel", "fp8-block"] {
      #expect(try fault(name, without: "config.json") == nil, "\(name)")
    }
    guard
      case .ambiguous("GPTQ", "model.a.", _, _) = try fault(
        "gptq-symmetric", without: "config.json")
    else {
      Issue.record("GPTQ was read")
      return
    }
  }

  @Test func `settings in the quantiser's own files are read`() throws {
    let scratch = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let source = Self.decoders.appending(path: "gptq-v2")
    try FileManager.default.copyItem(at: source, to: scratch)
    try Data("{}".utf8).write(to: scratch.appending(path: "config.json"))
    try Data(#"{"bits": 4, "group_size": 32, "checkpoint_format": "gptq_v2"}"#.utf8)
      .write(to: scratch.appending(path: "quantize_config.json"))
    let expected = try TensorArchive(source.appending(path: "expected.safetensors"))
    let stored = try Checkpoint(scratch.path).stored(
      "model.a.weight", shape: expected.shape("model.a.weight"))
    #expect(try stored.tensor().elements == expected.floats("model.a.weight"))
  }
}

/// What a checkpoint is refused with; nil where it is not.
private func checkpointError(_ body: () throws -> Void) -> CheckpointError? {
  do {
    try body()
    return nil
  } catch {
    return error as? CheckpointError
  }
}

/// Cases of Tests/Fixtures/quantised/decoders.
enum QuantizedDecoderCases {
  static let names =
    ((try? FileManager.default.contentsOfDirectory(
      atPath: Fixtures.directory.appending(path: "quantised/decoders").path)) ?? []).sorted()
}

/// LoRA directories that cannot be merged.
@Suite struct `Unsupported LoRA adapters` {
  private func fault(
    _ name: String, _ from: String = "", _ to: String = ""
  ) throws -> AdapterFault? {
    let run = try QuantizedRun(name)
    let scratch = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    try FileManager.default.copyItem(at: run.url, to: scratch)
    let config = scratch.appending(path: "adapter_config.json")
    let text = try String(contentsOf: config, encoding: .utf8)
    #expect(text.contains(from) || from.isEmpty)
    try Data((from.isEmpty ? text : text.replacing(from, with: to)).utf8).write(to: config)
    let error = checkpointError {
      _ = try Thinker(directory: scratch.path, base: run.checkpoint, compute: .f32)
    }
    guard let error else { return nil }
    guard case .adapter(let fault) = error else { throw error }
    return fault
  }

  @Test(arguments: [
    (#""peft_type": "LORA""#, #""peft_type": "IA3""#, "peft_type", "IA3"),
    (#""init_lora_weights": true"#, #""init_lora_weights": "pissa""#, "init_lora_weights", "pissa"),
    (#""init_lora_weights": true"#, #""init_lora_weights": "olora""#, "init_lora_weights", "olora"),
    (#""use_qalora": false"#, #""use_qalora": true"#, "use_qalora", "set"),
    (
      #""layer_replication": null"#, #""layer_replication": [[0, 2], [1, 3]]"#,
      "layer_replication", "set"
    ),
    (
      #""alora_invocation_tokens": null"#, #""alora_invocation_tokens": [1]"#,
      "alora_invocation_tokens", "set"
    ),
    (#""use_qalora": false"#, #""use_something_new": {"a": 1}"#, "use_something_new", "set"),
    (#""bias": "none""#, #""bias": "some""#, "bias", "some"),
  ])
  func `an unsupported LoRA key is an error with its name`(
    _ from: String, _ to: String, _ key: String, _ value: String
  ) throws {
    let found = try fault("qwen2.5-lora-attention-v5", from, to)
    guard case .unsupported(_, key, value) = found else {
      Issue.record("\(String(describing: found))")
      return
    }
  }

  @Test func `a LoRA rank that contradicts its configuration is refused`() throws {
    let found = try fault("qwen2.5-lora-attention-v5", #""r": 4"#, #""r": 8"#)
    guard case .wrongTensor(_, _, _, let expected) = found, expected.contains("rank 8") else {
      Issue.record("\(String(describing: found))")
      return
    }
  }

  @Test func `LoRA tensors without a base tensor are errors with their names`() throws {
    let run = try QuantizedRun("qwen2.5-lora-attention-v5")
    let other = Fixtures.golden.appending(path: "qwen3_av/checkpoint").path
    #expect(throws: CheckpointError.self) {
      _ = try Thinker(directory: run.url.path, base: other, compute: .f32)
    }
    let scratch = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    try FileManager.default.copyItem(at: run.url, to: scratch)
    let name = "base_model.model.model.language_model.layers.90.self_attn.q_proj.lora_"
    try `Quantised checkpoints`.write(
      [
        (name + "A.weight", [4, 48], [Float](repeating: 0, count: 192)),
        (name + "B.weight", [48, 4], [Float](repeating: 0, count: 192)),
      ],
      to: scratch.appending(path: "adapter_model.safetensors"))
    let error = checkpointError {
      _ = try Thinker(directory: scratch.path, base: run.checkpoint, compute: .f32)
    }
    guard case .adapter(.unknownTensors(let names, _, _)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(names == [name + "A.weight"])
  }
}

/// Names of an adapter's tensors, as versions of peft and transformers write them.
@Suite struct `Adapter names` {
  @Test(arguments: [
    "base_model.model.thinker.model.layers.1.self_attn.q_proj.lora_A.weight",
    "base_model.model.thinker.model.language_model.layers.1.self_attn.q_proj.lora_A.weight",
    "base_model.model.model.language_model.layers.1.self_attn.q_proj.lora_A.weight",
    "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight",
    "base_model.model.language_model.layers.1.self_attn.q_proj.lora_A.default.weight",
  ])
  func `adapter keys of every layout give the same module name`(_ name: String) {
    let key = AdapterKey(name)
    #expect(key.module == "model.layers.1.self_attn.q_proj")
    #expect(key.role == .a)
    #expect(AdapterKey(key.partner).role == .b)
    #expect(AdapterKey(key.partner).partner == name)
  }

  @Test func `adapter keys give the role and target of each tensor`() {
    let head = AdapterKey("base_model.model.thinker.lm_head.modules_to_save.weight")
    #expect(head.role == .replacement && head.target == "lm_head.weight")
    let table = AdapterKey("base_model.model.model.language_model.embed_tokens.base_layer.weight")
    #expect(table.role == .replacement && table.target == "model.embed_tokens.weight")
    let low = AdapterKey("base_model.model.thinker.model.embed_tokens.lora_embedding_A")
    #expect(low.role == .embeddingA && low.module == "model.embed_tokens")
    let tower = AdapterKey("base_model.model.model.visual.blocks.0.attn.q.lora_B.weight")
    #expect(tower.role == .b && tower.module == "visual.blocks.0.attn.q")
    #expect(AdapterKey("base_model.model.talker.model.layers.0.q.lora_A.weight").isOutsideThinker)
  }
}
