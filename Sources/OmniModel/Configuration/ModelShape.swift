/// The sizes of a published model, for running it with random weights.
///
/// The numbers are facts of the `config.json` of the repository of the same name under `Qwen/` on
/// huggingface.co (Qwen2.5-Omni-3B and -7B, Qwen3-Omni-30B-A3B-Instruct); keys are as written there,
/// and what the thinker does not need is left out.
public enum ModelShape: String, Sendable, Equatable, CaseIterable {
  case qwen25Omni3B = "qwen2.5-omni-3b"
  case qwen25Omni7B = "qwen2.5-omni-7b"
  case qwen3Omni30B = "qwen3-omni-30b-a3b"

  /// By its name, or by the part of it that tells the shapes apart: `3b`, `7b`, `30b`, `30b-a3b`.
  public init?(name: String) {
    let name = name.lowercased()
    let all = Self.allCases
    guard
      let shape = all.first(where: { $0.rawValue == name })
        ?? all.first(where: { $0.rawValue.hasSuffix("-" + name) && name != "a3b" })
        ?? all.first(where: {
          $0.rawValue.split(separator: "-").contains(Substring(name)) && name == "30b"
        })
    else { return nil }
    self = shape
  }

  /// The configuration, with at most `layers` decoder layers.
  public func configuration(layers: Int? = nil) throws(CheckpointError) -> OmniConfiguration {
    let file = JSONFile(text: json, path: rawValue)
    var configuration = try OmniConfiguration(file)
    if let layers { configuration.text.layers = min(layers, configuration.text.layers) }
    return configuration
  }

  private var json: String {
    switch self {
    case .qwen25Omni3B:
      Self.qwen25(
        hidden: 2048, intermediate: 11008, layers: 36, heads: 16, keyHeads: 2, vocabulary: 151936)
    case .qwen25Omni7B:
      Self.qwen25(
        hidden: 3584, intermediate: 18944, layers: 28, heads: 28, keyHeads: 4, vocabulary: 152064)
    case .qwen3Omni30B: Self.qwen3
    }
  }

  private static func qwen25(
    hidden: Int, intermediate: Int, layers: Int, heads: Int, keyHeads: Int, vocabulary: Int
  ) -> String {
    """
    {"architectures": ["Qwen2_5OmniThinkerForConditionalGeneration"],
     "model_type": "qwen2_5_omni_thinker",
     "audio_token_index": 151646, "audio_start_token_id": 151647, "audio_end_token_id": 151648,
     "image_token_index": 151655, "video_token_index": 151656,
     "vision_start_token_id": 151652, "vision_end_token_id": 151653,
     "position_id_per_seconds": 25, "seconds_per_chunk": 2,
     "text_config": {"hidden_size": \(hidden), "intermediate_size": \(intermediate),
      "num_hidden_layers": \(layers), "num_attention_heads": \(heads),
      "num_key_value_heads": \(keyHeads), "vocab_size": \(vocabulary), "rms_norm_eps": 1e-06,
      "rope_theta": 1000000.0, "rope_scaling": {"mrope_section": [16, 24, 24], "type": "default"},
      "tie_word_embeddings": false, "use_sliding_window": false},
     "vision_config": {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420,
      "num_heads": 16, "in_channels": 3, "patch_size": 14, "spatial_merge_size": 2,
      "temporal_patch_size": 2, "window_size": 112, "fullatt_block_indexes": [7, 15, 23, 31],
      "out_hidden_size": \(hidden)},
     "audio_config": {"d_model": 1280, "encoder_layers": 32, "encoder_attention_heads": 20,
      "encoder_ffn_dim": 5120, "num_mel_bins": 128, "max_source_positions": 1500, "n_window": 100,
      "output_dim": \(hidden)}}
    """
  }

  private static let qwen3 = """
    {"architectures": ["Qwen3OmniMoeThinkerForConditionalGeneration"],
     "model_type": "qwen3_omni_moe_thinker",
     "audio_token_id": 151675, "audio_start_token_id": 151669, "audio_end_token_id": 151670,
     "image_token_id": 151655, "video_token_id": 151656,
     "vision_start_token_id": 151652, "vision_end_token_id": 151653,
     "position_id_per_seconds": 13, "seconds_per_chunk": 2,
     "text_config": {"hidden_size": 2048, "intermediate_size": 768, "num_hidden_layers": 48,
      "num_attention_heads": 32, "num_key_value_heads": 4, "head_dim": 128, "vocab_size": 152064,
      "rms_norm_eps": 1e-06, "rope_theta": 1000000, "tie_word_embeddings": false,
      "rope_scaling": {"mrope_interleaved": true, "mrope_section": [24, 20, 20],
       "type": "default"},
      "num_experts": 128, "num_experts_per_tok": 8, "moe_intermediate_size": 768,
      "norm_topk_prob": true, "decoder_sparse_step": 1, "mlp_only_layers": []},
     "vision_config": {"depth": 27, "hidden_size": 1152, "intermediate_size": 4304,
      "num_heads": 16, "in_channels": 3, "patch_size": 16, "spatial_merge_size": 2,
      "temporal_patch_size": 2, "num_position_embeddings": 2304, "out_hidden_size": 2048,
      "deepstack_visual_indexes": [8, 16, 24], "hidden_act": "gelu_pytorch_tanh"},
     "audio_config": {"d_model": 1280, "encoder_layers": 32, "encoder_attention_heads": 20,
      "encoder_ffn_dim": 5120, "num_mel_bins": 128, "max_source_positions": 1500, "n_window": 50,
      "n_window_infer": 800, "downsample_hidden_size": 480, "output_dim": 2048}}
    """
}
