import Selection
import Tensors

/// Stage I: what the plan's encoder rule lets into the decoder.
struct EncoderStage {
  let encoded: EncodedPrompt
  let prompt: Prompt
  private let thinker: Thinker

  init(_ encoded: EncodedPrompt, _ prompt: Prompt, _ thinker: Thinker) {
    self.encoded = encoded
    self.prompt = prompt
    self.thinker = thinker
  }

  struct Choice {
    /// Positions in the prompt, ascending, text included.
    let kept: [Int]
    /// [prompt tokens, hiddenSize]; a rule that merges tokens has changed some.
    let embeddings: Tensor
    /// FLOPs executed, 2 per multiply-add.
    let flops: Double
  }

  func choose(_ rule: EncoderRule?) -> Choice {
    switch rule {
    case nil:
      Choice(kept: Array(prompt.ids.indices), embeddings: encoded.embeddings, flops: 0)
    case .diversity(let video, let audio, let windows):
      diverse(video: video, audio: audio, windows)
    case .dominant(let video, let audio, let contextual, let windows, let randomAudio):
      dominant(
        video: video, audio: audio, contextual: contextual, windows, randomAudio: randomAudio)
    case .spread(let video, let audio, let randomAudio):
      spread(video: video, audio: audio, randomAudio: randomAudio)
    case .novelty(let video, let randomAudio): novel(video: video, randomAudio: randomAudio)
    case .audioGuided(let video, let audio, let contextual, let windows):
      audioGuided(video: video, audio: audio, contextual: contextual, windows)
    case .random(let video, let audio):
      kept {
        RandomSelection($0 == .video ? video : audio).select(from: positions(of: $0))
      }
    case .remove(let video, let audio):
      kept { ($0 == .video ? video : audio) ? [] : positions(of: $0) }
    }
  }

  /// A choice by position alone.
  func kept(_ choose: (Modality) -> [Int]) -> Choice {
    let kept = undroppable + choose(.video) + choose(.audio)
    return Choice(kept: kept.sorted(), embeddings: encoded.embeddings, flops: 0)
  }

  private func diverse(video: Double, audio: Double, _ windows: SelectionWindows) -> Choice {
    var flops = 0.0
    let kept = inputs(windows).map { input -> [Int] in
      let selector = WindowedDiversity(
        ratio: input.modality == .video ? video : audio, windowTokens: input.windowTokens)
      guard selector.ratio < 1 else { return input.positions }
      let encoded = input.encoded
      flops += encoded.attention.flops(windowUnits: input.statisticUnits)
      flops += selector.flops(tokens: encoded.features.rows, width: encoded.features.columns)
      let attention = encoded.attention.received(windowUnits: input.statisticUnits)
      return selector.select(features: encoded.features, attention: attention)
        .map { input.positions[$0] }
    }
    return Choice(
      kept: (undroppable + kept.joined()).sorted(), embeddings: encoded.embeddings,
      flops: flops)
  }

  private func dominant(
    video: Double?, audio: Double?, contextual: Double, _ windows: SelectionWindows,
    randomAudio: RandomShare?
  ) -> Choice {
    var flops = 0.0
    var embeddings = encoded.embeddings
    let kept = inputs(windows).map { input -> [Int] in
      if input.modality == .audio, let randomAudio {
        return RandomSelection(randomAudio).select(from: input.positions)
      }
      guard let ratio = input.modality == .video ? video : audio, ratio < 1 else {
        return input.positions
      }
      let encoded = input.encoded
      flops += encoded.attention.flops(windowUnits: input.statisticUnits)
      let outcome = DominantMerge(
        ratio: ratio, contextual: contextual, windowTokens: input.windowTokens
      ).select(
        features: encoded.features,
        attention: encoded.attention.received(windowUnits: input.statisticUnits),
        keys: encoded.attention.keyMeans())
      embeddings.scatterRows(outcome.features, to: input.positions)
      return outcome.kept.map { input.positions[$0] }
    }
    return Choice(
      kept: (undroppable + kept.joined()).sorted(), embeddings: embeddings, flops: flops)
  }
}

extension EncoderStage {
  /// A modality that is there, with the lengths of its windows.
  struct Input {
    let modality: Modality
    let encoded: EncodedModality
    /// Position in the prompt of each token, in the encoder's raster order.
    let positions: [Int]
    let windowTokens: Int
    /// Encoder units (patches, frames) in a statistic window.
    let statisticUnits: Int
  }

  func inputs(_ windows: SelectionWindows) -> [Input] {
    var inputs: [Input] = []
    if let video = encoded.media.video, let grid = prompt.videoGrid {
      let group = thinker.configuration.vision.mergeGroup
      let tokens = windows.grids * grid.perTime
      inputs.append(
        Input(
          modality: .video, encoded: video, positions: positions(of: .video),
          windowTokens: tokens, statisticUnits: tokens * group))
    }
    if let audio = encoded.media.audio {
      inputs.append(
        Input(
          modality: .audio, encoded: audio, positions: positions(of: .audio),
          windowTokens: windows.audioTokens,
          statisticUnits: thinker.configuration.family.audioUnitsPerSecond * windows.audioSeconds))
    }
    return inputs
  }

  /// Positions in the prompt of text and image tokens, which always stay.
  var undroppable: [Int] {
    prompt.modalities.indices.filter { !prompt.modalities[$0].isDroppable }
  }

  /// Video and audio tokens stand in the prompt in the order their encoder gives them.
  func positions(of modality: Modality) -> [Int] {
    prompt.modalities.indices.filter { prompt.modalities[$0] == modality }
  }
}
