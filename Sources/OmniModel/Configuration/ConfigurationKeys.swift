/// Known keys of each object in `config.json`.
enum ConfigurationKeys {
  /// Keys that transformers writes into every configuration object.
  private static let general = names(
    """
    architectures auto_map model_type torch_dtype dtype transformers_version tie_word_embeddings
    bos_token_id eos_token_id pad_token_id sep_token_id decoder_start_token_id forced_bos_token_id
    forced_eos_token_id is_decoder is_encoder_decoder add_cross_attention
    cross_attention_hidden_size tie_encoder_decoder output_attentions output_hidden_states
    output_scores return_dict return_dict_in_generate chunk_size_feed_forward pruned_heads
    initializer_range use_cache attn_implementation attention_dropout id2label label2id
    problem_type finetuning_task task_specific_params tokenizer_class prefix torchscript
    use_bfloat16 tf_legacy_loss max_length min_length do_sample early_stopping num_beams
    num_beam_groups diversity_penalty temperature top_k top_p typical_p repetition_penalty
    length_penalty no_repeat_ngram_size encoder_no_repeat_ngram_size bad_words_ids
    num_return_sequences remove_invalid_values exponential_decay_length_penalty suppress_tokens
    begin_suppress_tokens quantization_config
    """)

  static let root = KeyRules(
    rules: general.merging(
      names(
        """
        thinker_config talker_config token2wav_config code2wav_config enable_audio_output
        enable_talker
        """)
    ) { $1 }, unknown: .refusedBySubject)

  static let thinker = KeyRules(
    rules: general.merging(
      names("text_config vision_config audio_config ignore_index user_token_id vision_token_id")
    ) { $1 }, unknown: .refusedBySubject)

  static func text(_ family: any FamilyDefinition) -> KeyRules {
    let common = general.merging(
      names(
        """
        vocab_size hidden_size intermediate_size num_hidden_layers num_attention_heads
        num_key_value_heads head_dim hidden_act rms_norm_eps rope_theta rope_scaling
        rope_parameters max_position_embeddings max_window_layers sliding_window
        use_sliding_window layer_types num_experts num_local_experts n_routed_experts
        num_experts_per_tok moe_intermediate_size norm_topk_prob decoder_sparse_step
        mlp_only_layers output_router_logits router_aux_loss_coef
        """)
    ) { $1 }.merging([
      "partial_rotary_factor": .only(1), "mlp_bias": .only(false),
      "use_sliding_window": .only(false),
      "layer_types": .only("full_attention for every layer") { value in
        value.array?.allSatisfy { $0 == .string("full_attention") } ?? false
      },
    ]) { $1 }
    return KeyRules(rules: common.merging(family.textKeys) { $1 }, unknown: .refusedBySubject)
  }

  /// Keys of a file in which the keys of `text_config` are at the thinker's level.
  static func flat(_ family: any FamilyDefinition) -> KeyRules {
    KeyRules(
      rules: thinker.rules.merging(text(family).rules) { $1 }, unknown: .refusedBySubject)
  }

  static let vision = KeyRules(
    rules: general.merging(
      names(
        """
        depth hidden_size intermediate_size num_heads in_channels in_chans patch_size
        spatial_patch_size spatial_merge_size temporal_patch_size window_size out_hidden_size
        num_position_embeddings fullatt_block_indexes deepstack_visual_indexes hidden_act embed_dim
        tokens_per_second image_size rope_parameters
        """)
    ) { $1 }.merging(["apply_vit_abs_pos_embed": .only(true)]) { $1 }, unknown: .refusedBySubject)

  /// Keys of the vision encoder's rotary embedding, which only allow the default settings.
  static let visionRotary = KeyRules(
    rules: [
      "rope_type": .only("axial", "default"), "type": .only("axial", "default"),
      "rope_theta": .only(10_000), "partial_rotary_factor": .only(1),
    ], unknown: .refused)

  static let audio = KeyRules(
    rules: general.merging(
      names(
        """
        d_model encoder_attention_heads encoder_ffn_dim encoder_layers num_hidden_layers
        hidden_size num_attention_heads intermediate_size num_mel_bins max_source_positions
        n_window n_window_infer output_dim downsample_hidden_size conv_chunksize
        activation_function dropout activation_dropout encoder_layerdrop
        """)
    ) { $1 }.merging(["scale_embedding": .only(false)]) { $1 }, unknown: .refusedBySubject)

  /// Keys of the decoder's rotary embedding, in `rope_scaling` and `rope_parameters`.
  static func rotary(_ family: FamilyRotary) -> KeyRules {
    KeyRules(
      rules: [
        "rope_type": .only("default", "mrope"), "type": .only("default", "mrope"),
        "rope_theta": .known, "mrope_section": .known, "partial_rotary_factor": .only(1),
        "mrope_interleaved": .only(family.isInterleaved),
        "interleaved": .only(family.isInterleaved),
      ], unknown: .refused)
  }

  private static func names(_ text: String) -> [String: KeyRules.Rule] {
    Dictionary(
      text.split(whereSeparator: \.isWhitespace).map { (String($0), KeyRules.Rule.known) },
      uniquingKeysWith: { first, _ in first })
  }
}
