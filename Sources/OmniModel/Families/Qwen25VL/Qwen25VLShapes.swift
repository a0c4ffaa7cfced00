/// Sizes of Qwen2.5-VL-3B-Instruct and -7B-Instruct, published under `Qwen/` on huggingface.co.
extension ModelShape {
  public static let qwen25VL3B = qwen25VL(
    "3b", hidden: 2048, intermediate: 11_008, layers: 36, heads: 16, keyHeads: 2,
    vocabulary: 151_936, isTied: true)
  public static let qwen25VL7B = qwen25VL(
    "7b", hidden: 3584, intermediate: 18_944, layers: 28, heads: 28, keyHeads: 4,
    vocabulary: 152_064, isTied: false)

  private static func qwen25VL(
    _ size: String, hidden: Int, intermediate: Int, layers: Int, heads: Int, keyHeads: Int,
    vocabulary: Int, isTied: Bool
  ) -> ModelShape {
    let json = """
      {"architectures": ["Qwen2_5_VLForConditionalGeneration"], "model_type": "qwen2_5_vl",
       "image_token_id": 151655, "video_token_id": 151656,
       "vision_start_token_id": 151652, "vision_end_token_id": 151653,
       "hidden_size": \(hidden), "intermediate_size": \(intermediate),
       "num_hidden_layers": \(layers), "num_attention_heads": \(heads),
       "num_key_value_heads": \(keyHeads), "vocab_size": \(vocabulary), "hidden_act": "silu",
       "rms_norm_eps": 1e-06, "rope_theta": 1000000.0,
       "rope_scaling": {"mrope_section": [16, 24, 24], "type": "mrope"},
       "tie_word_embeddings": \(isTied), "use_sliding_window": false,
       "vision_config": {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420,
        "num_heads": 16, "in_chans": 3, "patch_size": 14, "spatial_patch_size": 14,
        "spatial_merge_size": 2, "temporal_patch_size": 2, "tokens_per_second": 2,
        "window_size": 112, "fullatt_block_indexes": [7, 15, 23, 31], "hidden_act": "silu",
        "out_hidden_size": \(hidden)}}
      """
    return ModelShape("qwen2.5-vl-" + size, size: size, json: json)
  }
}
