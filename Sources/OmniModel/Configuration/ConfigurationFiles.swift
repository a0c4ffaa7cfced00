/// config.json as it is written; only the keys that are read.
struct RootFile: Decodable {
  let architectures: [String]?
  let model_type: String?
}

struct OmniFile: Decodable {
  let thinker_config: ThinkerFile
}

struct ThinkerFile: Decodable {
  let audio_token_index, audio_token_id, audio_start_token_id, audio_end_token_id: Int?
  let image_token_index, image_token_id, video_token_index, video_token_id: Int?
  let vision_start_token_id, vision_end_token_id, position_id_per_seconds: Int?
  let seconds_per_chunk: Double?
  let text_config: TextFile
  let vision_config: VisionFile
  let audio_config: AudioFile
}

struct TextFile: Decodable {
  struct RopeScaling: Decodable {
    let mrope_section: [Int]?
  }

  let num_hidden_layers, hidden_size, num_attention_heads, intermediate_size, vocab_size: Int
  let num_key_value_heads, head_dim: Int?
  let rms_norm_eps, rope_theta: Double?
  let rope_scaling: RopeScaling?
  let tie_word_embeddings, use_sliding_window: Bool?
  let hidden_act: String?
}

struct VisionFile: Decodable {
  let depth, hidden_size, intermediate_size, num_heads: Int
  let in_channels, in_chans, patch_size, spatial_merge_size, temporal_patch_size: Int?
  let window_size, out_hidden_size: Int?
  let fullatt_block_indexes: [Int]?
}

struct AudioFile: Decodable {
  let d_model, encoder_attention_heads, encoder_ffn_dim: Int
  let encoder_layers, num_hidden_layers, num_mel_bins, max_source_positions, n_window: Int?
  let output_dim: Int?
}
