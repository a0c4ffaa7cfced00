/// Configuration of the vision encoder: `vision_config`.
struct VisionConfiguration: Sendable {
  let depth, width, intermediateSize, heads, channels, patchSize, mergeSize: Int
  let temporalPatchSize: Int
  let design: any VisionDesign

  var headWidth: Int { width / heads }
  /// Number of patches that are merged into one token.
  var mergeGroup: Int { mergeSize * mergeSize }
  /// Number of elements in one flattened patch.
  var patchElements: Int { channels * temporalPatchSize * patchSize * patchSize }

  init(
    _ file: VisionFile, _ family: any FamilyDefinition, _ check: ConfigurationValidator,
    outputs: Int
  ) throws(CheckpointError) {
    let defaults = family.defaults
    depth = try check.positive(
      check.value(file.depth, "vision_config.depth", default: defaults.visionDepth),
      "vision_config.depth", limit: 1000)
    width = try check.positive(
      check.value(
        file.hidden_size, "vision_config.hidden_size", default: defaults.visionWidth),
      "vision_config.hidden_size")
    intermediateSize = try check.positive(
      check.value(
        file.intermediate_size, "vision_config.intermediate_size",
        default: defaults.visionIntermediateSize), "vision_config.intermediate_size")
    heads = try check.positive(
      check.value(file.num_heads, "vision_config.num_heads", default: 16),
      "vision_config.num_heads")
    channels = file.in_channels ?? file.in_chans ?? 3
    patchSize = try check.positive(
      check.value(file.patch_size, "vision_config.patch_size", default: defaults.patchSize),
      "vision_config.patch_size", limit: 256)
    mergeSize = try check.positive(
      check.value(file.spatial_merge_size, "vision_config.spatial_merge_size", default: 2),
      "vision_config.spatial_merge_size", limit: 16)
    temporalPatchSize = try check.positive(
      check.value(file.temporal_patch_size, "vision_config.temporal_patch_size", default: 2),
      "vision_config.temporal_patch_size", limit: 16)
    design = try family.vision(file, check, depth: depth, token: patchSize * mergeSize)
    if let found = file.spatial_patch_size, found != patchSize {
      throw check.wrong("vision_config.spatial_patch_size", found, "patch_size, \(patchSize)")
    }
    guard channels == 3 else { throw check.wrong("vision_config.in_channels", channels, "3") }
    guard width % heads == 0, width / heads % 4 == 0 else {
      throw check.wrong(
        "vision_config.num_heads", heads,
        "a divisor of hidden_size \(width) that leaves heads of a width divisible by 4")
    }
    let found = check.value(file.out_hidden_size, "vision_config.out_hidden_size", default: 3584)
    guard found == outputs else {
      throw check.wrong(
        "vision_config.out_hidden_size", found, "the decoder's hidden_size, \(outputs)")
    }
  }
}
