import Selection
import Tensors

/// Stage I of the baselines that look at all of a modality.
extension EncoderStage {
  /// DivPrune.
  func spread(video: Double, audio: Double?, randomAudio: RandomShare?) -> Choice {
    var flops = 0.0
    let kept = inputs(SelectionWindows()).flatMap { input -> [Int] in
      if input.modality == .audio, let randomAudio {
        return RandomSelection(randomAudio).select(from: input.positions)
      }
      let features = input.encoded.features
      let selector = MaxMinDiversity(ratio: input.modality == .video ? video : audio ?? 1)
      flops += selector.flops(tokens: features.rows, width: features.columns)
      return selector.select(features: features).map { input.positions[$0] }
    }
    return Choice(
      kept: (undroppable + kept).sorted(), embeddings: encoded.embeddings, flops: flops)
  }

  /// DyCoke.
  func novel(video: Double, randomAudio: RandomShare?) -> Choice {
    kept { modality in
      let positions = positions(of: modality)
      if modality == .audio {
        return randomAudio.map { RandomSelection($0).select(from: positions) } ?? positions
      }
      guard let encoded = encoded.media.video, let grid = prompt.videoGrid else { return [] }
      return TemporalNovelty(ratio: video, gridTokens: grid.perTime)
        .select(features: encoded.features).map { positions[$0] }
    }
  }

  /// OmniZip.
  func audioGuided(
    video: Double, audio: Double, contextual: Double, _ windows: SelectionWindows
  ) -> Choice {
    let zip = AudioGuidedZip(
      video: video, audio: audio, contextual: contextual,
      gridTokens: prompt.videoGrid?.perTime ?? 0)
    let runs = TemporalWindows(prompt.modalities).windows
    let inputs = inputs(windows)
    let shown = inputs.first { $0.modality == .video }
    let heard = inputs.first { $0.modality == .audio }
    var (embeddings, flops) = (encoded.embeddings, 0.0)
    let sound = heard.map {
      AudioGuidedZip.Input(features: $0.encoded.features, windowSizes: runs.map(\.audio.count))
    }
    var keptAudio: [Int] = []
    if let heard, let sound {
      let features = shown?.encoded.features
      let outcome = zip.select(
        audio: sound,
        attention: heard.encoded.attention.received(windowUnits: heard.statisticUnits),
        near: features)
      flops += heard.encoded.attention.flops(windowUnits: heard.statisticUnits)
      flops += zip.flops(
        video: features?.rows ?? 0, audio: sound.features.rows, width: sound.features.columns)
      embeddings.scatterRows(outcome.features, to: heard.positions)
      keptAudio = outcome.kept
    }
    let keptVideo = shown.map { shown in
      let input = AudioGuidedZip.Input(
        features: shown.encoded.features, windowSizes: runs.map(\.video.count))
      return zip.select(video: input, audio: sound, keptAudio: keptAudio)
        .map { shown.positions[$0] }
    }
    let kept =
      undroppable + (keptVideo ?? []) + keptAudio.compactMap { heard?.positions[$0] }
    return Choice(kept: kept.sorted(), embeddings: embeddings, flops: flops)
  }
}
