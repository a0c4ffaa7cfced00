/// Sizes of Qwen3-Omni-30B-A3B-Instruct, published under `Qwen/` on huggingface.co.
extension ModelShape {
  public static let qwen3Omni30B = ModelShape(
    "qwen3-omni-30b-a3b", size: "30b-a3b",
    json: """
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
      """)
}
