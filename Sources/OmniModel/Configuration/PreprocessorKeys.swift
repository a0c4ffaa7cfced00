/// Known keys of preprocessor files. In the older layout one file has the keys of all
/// preprocessors, and files in the newer layout keep such mixtures, so each preprocessor accepts
/// the keys of the others.
enum PreprocessorKeys {
  /// Keys for images and video frames.
  static func vision(
    _ vision: VisionConfiguration, _ family: FamilyPreprocessing
  ) -> KeyRules {
    KeyRules(
      rules: Dictionary(
        uniqueKeysWithValues: (shared + soundNames).map { ($0, KeyRules.Rule.known) }
      )
      .merging([
        "image_mean": .known, "image_std": .known, "min_pixels": .known, "max_pixels": .known,
        "size": .known, "do_convert_rgb": .known, "data_format": .known,
        "input_data_format": .known, "device": .known, "disable_grouping": .known,
        "default_to_square": .known, "crop_size": .known, "return_metadata": .known,
        "video_metadata": .known, "min_frames": .known, "max_frames": .known, "fps": .known,
        "num_frames": .known, "do_sample_frames": .known, "max_video_tokens": .known,
        "do_resize": .only(true), "do_rescale": .only(true), "do_normalize": .only(true),
        "rescale_factor": .only(1.0 / 255, within: 1e-9), "resample": .only(3),
        "do_center_crop": .only(false), "do_pad": .only(false),
        "patch_size": .only(vision.patchSize), "merge_size": .only(vision.mergeSize),
        "temporal_patch_size": .only(vision.temporalPatchSize),
        "image_processor_type": .only(family.imageProcessor) {
          $0.string?.hasPrefix(family.imageProcessor) ?? false
        },
        "video_processor_type": .only(family.videoProcessor) {
          $0.string?.hasPrefix(family.videoProcessor) ?? false
        },
      ]) { $1 }, unknown: .refused)
  }

  /// Keys for audio.
  static func sound(_ audio: AudioConfiguration, _ family: any FamilyAudio) -> KeyRules {
    KeyRules(
      rules: Dictionary(
        uniqueKeysWithValues: (shared + visionNames).map { ($0, KeyRules.Rule.known) }
      )
      .merging([
        "chunk_length": .known, "n_samples": .known, "nb_max_frames": .known,
        "return_attention_mask": .known,
        "feature_extractor_type": .only("WhisperFeatureExtractor"),
        "feature_size": .only(audio.melBins), "hop_length": .only(160), "n_fft": .only(400),
        "sampling_rate": .only(16_000), "padding_value": .only(0), "dither": .only(0),
        // The side has no effect if audio is not padded.
        "padding_side": family.isPadded ? .only("right") : .known,
      ]) { $1 }, unknown: .refused)
  }

  private static let shared = [
    "processor_class", "return_tensors", "auto_map", "_processor_class", "chat_template",
  ]

  private static let soundNames = [
    "chunk_length", "n_samples", "nb_max_frames", "return_attention_mask",
    "feature_extractor_type", "feature_size", "hop_length", "n_fft", "sampling_rate",
    "padding_value", "dither", "padding_side",
  ]

  private static let visionNames = [
    "image_mean", "image_std", "min_pixels", "max_pixels", "size", "do_convert_rgb", "data_format",
    "input_data_format", "device", "disable_grouping", "default_to_square", "crop_size",
    "return_metadata", "video_metadata", "min_frames", "max_frames", "fps", "num_frames",
    "do_sample_frames", "max_video_tokens", "do_resize", "do_rescale", "do_normalize",
    "rescale_factor", "resample", "do_center_crop", "do_pad", "pad_size", "patch_size",
    "merge_size", "temporal_patch_size", "image_processor_type", "video_processor_type",
  ]

  /// Whether a key belongs to a preprocessor.
  static func isPreprocessor(_ key: String) -> Bool {
    soundNames.contains(key) || visionNames.contains(key)
  }
}
