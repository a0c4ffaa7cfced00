/// Sizes of Qwen3-VL-4B-Instruct and -8B-Instruct, published under `Qwen/` on huggingface.co.
extension ModelShape {
  public static let qwen3VL4B = qwen3VL(
    "4b", hidden: 2560, intermediate: 9728, isTied: true,
    vision: """
      "depth": 24, "hidden_size": 1024, "intermediate_size": 4096,
      "deepstack_visual_indexes": [5, 11, 17]
      """)
  public static let qwen3VL8B = qwen3VL(
    "8b", hidden: 4096, intermediate: 12_288, isTied: false,
    vision: """
      "depth": 27, "hidden_size": 1152, "intermediate_size": 4304,
      "deepstack_visual_indexes": [8, 16, 24]
      """)

  private static func qwen3VL(
    _ size: String, hidden: Int, intermediate: Int, isTied: Bool, vision: String
  ) -> ModelShape {
    let json = """
      {"architectures": ["Qwen3VLForConditionalGeneration"], "model_type": "qwen3_vl",
       "image_token_id": 151655, "video_token_id": 151656,
       "vision_start_token_id": 151652, "vision_end_token_id": 151653,
       "tie_word_embeddings": \(isTied),
       "text_config": {"hidden_size": \(hidden), "intermediate_size": \(intermediate),
        "num_hidden_layers": 36, "num_attention_heads": 32, "num_key_value_heads": 8,
        "head_dim": 128, "vocab_size": 151936, "rms_norm_eps": 1e-06, "rope_theta": 5000000,
        "attention_bias": false, "hidden_act": "silu",
        "rope_scaling": {"mrope_interleaved": true, "mrope_section": [24, 20, 20],
         "rope_type": "default"}},
       "vision_config": {\(vision), "num_heads": 16, "in_channels": 3, "patch_size": 16,
        "spatial_merge_size": 2, "temporal_patch_size": 2, "num_position_embeddings": 2304,
        "out_hidden_size": \(hidden), "hidden_act": "gelu_pytorch_tanh"}}
      """
    return ModelShape("qwen3-vl-" + size, size: size, json: json)
  }
}
