// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Decodable types of checkpoint files. Properties are spelled like the JSON keys; only keys in use
// are listed.

/// `config.json`: the keys that all model families have.
struct RootFile: Decodable {
  let architectures: [String]?
  let model_type: String?
  let tie_word_embeddings: Bool?
  let transformers_version: String?
}

struct OmniFile: Decodable {
  let thinker_config: ThinkerFile
}

struct ThinkerFile: Decodable {
  let audio_token_index, audio_token_id, audio_start_token_id, audio_end_token_id: Int?
  let image_token_index, image_token_id, video_token_index, video_token_id: Int?
  let vision_start_token_id, vision_end_token_id, position_id_per_seconds: Int?
  let tie_word_embeddings: Bool?
  let seconds_per_chunk: Double?
  /// Configuration of the decoder; nil if its keys are at this level instead.
  let text_config: TextFile?
  let vision_config: VisionFile
  let audio_config: AudioFile?
}

struct TextFile: Decodable {
  let num_hidden_layers, hidden_size, num_attention_heads, intermediate_size, vocab_size: Int?
  let num_key_value_heads, head_dim: Int?
  let rms_norm_eps: Double?
  let tie_word_embeddings, use_sliding_window, attention_bias, norm_topk_prob: Bool?
  let hidden_act: String?
  let num_experts, num_local_experts, n_routed_experts: Int?
  let num_experts_per_tok, moe_intermediate_size, decoder_sparse_step: Int?
  let mlp_only_layers: [Int]?
}

struct VisionFile: Decodable {
  let depth, hidden_size, intermediate_size, num_heads: Int?
  let in_channels, in_chans, patch_size, spatial_patch_size: Int?
  let spatial_merge_size, temporal_patch_size: Int?
  let window_size, out_hidden_size, num_position_embeddings: Int?
  let fullatt_block_indexes, deepstack_visual_indexes: [Int]?
  let hidden_act: String?
  let tokens_per_second: Int?
}

struct AudioFile: Decodable {
  let d_model, encoder_attention_heads, encoder_ffn_dim: Int?
  let encoder_layers, num_hidden_layers, num_mel_bins, max_source_positions, n_window: Int?
  let output_dim, downsample_hidden_size, n_window_infer: Int?
  let activation_function: String?
}

/// `generation_config.json`: the ids that end an answer.
struct GenerationFile: Decodable {
  /// A list of token ids; in JSON a single id or a list.
  struct Tokens: Decodable {
    let ids: [Int]

    init(from decoder: any Decoder) throws {
      let single = try decoder.singleValueContainer()
      ids = try (try? [single.decode(Int.self)]) ?? single.decode([Int].self)
    }
  }

  let eos_token_id: Tokens?
}

/// `model.safetensors.index.json`: the shard of every tensor.
struct ShardIndex: Decodable {
  let weight_map: [String: String]
}

/// One entry of a safetensors header: type, shape and byte range of a tensor; all nil for
/// `__metadata__`.
struct SafetensorsEntryFile: Decodable {
  let dtype: String?
  let shape: [Int]?
  let data_offsets: [Int]?

  enum CodingKeys: CodingKey { case dtype, shape, data_offsets }

  init(from decoder: any Decoder) throws {
    let table = try decoder.container(keyedBy: CodingKeys.self)
    dtype = try? table.decode(String.self, forKey: .dtype)
    shape = try? table.decode([Int].self, forKey: .shape)
    data_offsets = try? table.decode([Int].self, forKey: .data_offsets)
  }
}

/// `seats.json`: drop layers and late layer proposed for this checkpoint by its dependency curve.
struct SeatsFile: Decodable {
  let drop_layers: [Int]
  let late_layer: Int?
}
