import Foundation
import Selection

/// Qwen3-VL: the decoder of Qwen3 and the vision encoder of Qwen3-Omni, without audio. The time is
/// written as text before each temporal grid, so grids have no time axis. Some models have a
/// mixture of experts.
struct Qwen3VL: FamilyDefinition {
  let family = ModelFamily.qwen3VL
  let wholeTypes: [String] = []
  let thinkerTypes = ["qwen3_vl", "qwen3_vl_moe"]
  let architecture = "qwen3vl"
  let tensors = FamilyTensors(
    thinker: nil, vision: "visual", audio: nil, others: [], mayTransposeExperts: true)
  let defaults = ConfigurationDefaults(
    hiddenSize: 4096, vocabulary: 151_936, visionDepth: 27, visionWidth: 1152,
    visionIntermediateSize: 4304, patchSize: 16, layers: 32, heads: 32, keyValueHeads: 32,
    intermediateSize: 22_016, headWidth: 128)
  let textKeys: [String: KeyRules.Rule] = [
    "use_qk_norm": .only(true), "attention_bias": .known,
    // The decoder always uses full attention, whatever the value.
    "use_sliding_window": .known,
  ]
  let rotary = FamilyRotary(
    sections: [24, 20, 20], isInterleaved: true, absentBase: (5_000_000, 500_000))
  let tokens: [SpecialToken: FamilyToken] = [
    .image: .init("<|image_pad|>", "image_token_id", standard: 151_655),
    .video: .init("<|video_pad|>", "video_token_id", standard: 151_656),
    .visionStart: .init("<|vision_start|>", "vision_start_token_id", standard: 151_652),
    .visionEnd: .init("<|vision_end|>", "vision_end_token_id", standard: 151_653),
  ]
  let defaultSystem: String? = nil
  let preprocessing = FamilyPreprocessing(
    scale: .centred, imagePixels: PixelBounds(least: 65_536, most: 16_777_216),
    videoProcessor: "Qwen3VLVideoProcessor", absentVideoScale: .centred,
    videoPixels: .ofVideo(
      absent: PixelBounds(least: 128 * 32 * 32, most: 768 * 32 * 32),
      published: PixelBounds(least: 4096, most: 25_165_824)),
    resizesAgain: false)
  let audio: (any FamilyAudio)? = nil
  let published = PublishedSettings(
    pairs: RetentionPairs(family: ModelFamily.qwen3VL.rawValue, published: []),
    windowTemperature: 0.1, drops: [:], secondsPerGrid: nil, tokenSide: 32, mediaUnit: 32,
    isInScripts: false)
  let shapes = [ModelShape.qwen3VL4B, .qwen3VL8B]

  func decoder(_ file: TextFile, _ check: ConfigurationValidator) throws(CheckpointError)
    -> DecoderTraits
  {
    let hasBias = file.attention_bias ?? false
    let isMixture = [file.num_experts, file.num_local_experts, file.n_routed_experts]
      .contains { $0 != nil }
    return DecoderTraits(
      biases: (hasBias, hasBias), normalizesHeads: true,
      experts: isMixture ? try ExpertConfiguration(file, check) : nil)
  }

  func vision(
    _ file: VisionFile, _ check: ConfigurationValidator, depth: Int, token: Int
  ) throws(CheckpointError) -> any VisionDesign {
    try DeepstackVision(file, check, depth: depth, names: .named)
  }

  /// Returns 1, since positions have no time axis.
  func positionsPerSecond(_ file: ThinkerFile, _ check: ConfigurationValidator) -> Int { 1 }
  func position(ofTime time: Float) -> Float { 0 }

  func opening(gridTimes: [Double]) -> String { gridTimes.first.map(Self.label) ?? "" }

  /// Writes each temporal grid between its own markers, with its time as text before it.
  func layOut(_ video: TokenGrid, secondsPerGrid: Double, on layout: inout PromptLayout) {
    let pieces = layout.videoPieces(video, secondsPerGrid)
    let times = layout.gridTimes
    for grid in 0..<video.times {
      if grid > 0, times.indices.contains(grid) { layout.write(Self.label(times[grid])) }
      layout.mark(.visionStart)
      layout.lay(Array(pieces.dropFirst(grid * video.perTime).prefix(video.perTime)))
      layout.mark(.visionEnd)
    }
  }

  private static func label(_ seconds: Double) -> String {
    String(format: "<%.1f seconds>", seconds)
  }
}

extension ModelFamily {
  public static let qwen3VL = ModelFamily(rawValue: "Qwen3-VL")
}
