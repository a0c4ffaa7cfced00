/// Sizes of Qwen2.5-Omni-3B and -7B, published under `Qwen/` on huggingface.co.
extension ModelShape {
  public static let qwen25Omni3B = qwen25Omni(
    "3b", hidden: 2048, intermediate: 11008, layers: 36, heads: 16, keyHeads: 2, vocabulary: 151936)
  public static let qwen25Omni7B = qwen25Omni(
    "7b", hidden: 3584, intermediate: 18944, layers: 28, heads: 28, keyHeads: 4, vocabulary: 152064)

  private static func qwen25Omni(
    _ size: String, hidden: Int, intermediate: Int, layers: Int, heads: Int, keyHeads: Int,
    vocabulary: Int
  ) -> ModelShape {
    let json = """
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
    return ModelShape("qwen2.5-omni-" + size, size: size, json: json)
  }
}
