import Selection
import Tensors

@testable import OmniModel

/// A family that is none of ours: it takes no sound, writes a text before each grid of a video,
/// numbers time backwards, and its vision tower is two products.
struct ToyFamily: FamilyDefinition {
  let family = ModelFamily(rawValue: "Toy-VL")
  let wholeTypes: [String] = []
  let thinkerTypes = ["toy_vl"]
  let architecture = "toyvl"
  let tensors = FamilyTensors(thinker: "toy.", vision: "eyes", audio: nil, others: [])
  let defaults = ConfigurationDefaults(
    hiddenSize: 48, vocabulary: 640, visionDepth: 4, visionWidth: 32, visionIntermediateSize: 40,
    patchSize: 14)
  let textKeys: [String: KeyRules.Rule] = ["attention_bias": .only(true)]
  let rotary = FamilyRotary(sections: [2, 1, 3], isInterleaved: false)
  let tokens: [SpecialToken: FamilyToken] = [
    .image: .init("<|IMAGE|>", "image_token_index"),
    .video: .init("<|VIDEO|>", "video_token_index"),
    .visionStart: .init("<|vision_bos|>", "vision_start_token_id"),
    .visionEnd: .init("<|vision_eos|>", "vision_end_token_id"),
  ]
  let defaultSystem: String? = "Toys see."
  let preprocessing = FamilyPreprocessing(scale: .centred)
  let audio: (any FamilyAudio)? = nil
  let published = PublishedSettings(
    pairs: RetentionPairs(
      family: "Toy-VL", published: [.init(percent: 50, video: 0.5, audio: 0.5)]),
    windowTemperature: 7, drops: [10: PublishedDrops(dropLayers: [3], lateLayer: 9)],
    secondsPerGrid: 3, tokenSide: 28)
  let shapes: [ModelShape] = []

  func decoder(_ file: TextFile, _ check: ConfigurationValidator) -> DecoderTraits {
    DecoderTraits(biases: (true, false), normalizesHeads: false, experts: nil)
  }

  func vision(
    _ file: VisionFile, _ check: ConfigurationValidator, depth: Int, token: Int
  ) -> any VisionDesign { ToyVision() }

  func position(ofTime time: Float) -> Float { 1000 - time }

  func layOut(_ video: TokenGrid, secondsPerGrid: Double, on layout: inout PromptLayout) {
    let pieces = layout.videoPieces(video, secondsPerGrid)
    for time in 0..<video.times {
      layout.write("at")
      layout.mark(.visionStart)
      layout.lay(Array(pieces[time * video.perTime..<(time + 1) * video.perTime]))
      layout.mark(.visionEnd)
    }
  }
}

private struct ToyVision: VisionDesign {
  func parameters(_ config: VisionConfiguration, outputs: Int) -> Int {
    config.width * config.patchElements + outputs * (config.width * config.mergeGroup + 1)
  }

  func encoder(
    _ config: VisionConfiguration, outputs: Int, _ weights: Weights
  ) throws(CheckpointError) -> any VisionEncoder {
    let side = config.patchSize
    return ToyEncoder(
      config: config,
      embedding: try Linear(
        config.patchElements, config.width, weights["patch_embed"]["proj"], hasBias: false,
        shape: [config.width, config.channels, config.temporalPatchSize, side, side]),
      merger: try Linear(
        config.width * config.mergeGroup, outputs, weights["merger"]["mlp"]["2"], hasBias: true))
  }
}

private struct ToyEncoder: VisionEncoder {
  let config: VisionConfiguration
  let embedding, merger: Linear

  func callAsFunction(
    _ patches: Patches, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedModality {
    let x = embedding(patches.values)
    let groups = x.rows / config.mergeGroup
    return EncodedModality(
      features: merger(x.reshaped([groups, merger.inputs])),
      attention: EncoderAttention(
        queries: x, keys: x, headWidth: config.headWidth, group: config.mergeGroup, order: nil,
        precision: merger.precision),
      flops: embedding.flops(x.rows) + merger.flops(groups))
  }
}
