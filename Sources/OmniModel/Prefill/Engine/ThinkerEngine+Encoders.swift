import Selection
import Tensors

extension ThinkerEngine {
  /// Runs the encoders on each clip separately: there is no attention between clips.
  func encode(_ cancellation: Cancellation) throws(PrefillError) -> EncodedMedia {
    var clock = StepClock()
    var clips = prompt.clips.map { _ in EncodedClip() }
    for (index, clip) in prompt.clips.enumerated() {
      if let mel = clip.mel, let encoder = thinker.audio {
        clips[index].audio = try encoder(mel, cancellation)
      }
    }
    let first = clock.lap()
    let audioSeconds = thinker.audio == nil ? 0 : first
    let see = { (patches: Patches) throws(PrefillError) in
      try thinker.vision(patches, cancellation)
    }
    for (index, clip) in prompt.clips.enumerated() {
      clips[index].image = try clip.imagePatches.map(see)
      clips[index].video = try clip.videoPatches.map(see)
    }
    let visionSeconds = clock.lap()
    if let fault = clips.lazy.compactMap(\.fault).first { throw .broken(fault) }
    return EncodedMedia(
      state: EngineState(clips), visionSeconds: visionSeconds,
      audioSeconds: audioSeconds, flops: clips.reduce(0) { $0 + $1.flops })
  }

  func tokens(
    _ modality: Modality, ofClip clip: Int, in media: EncodedMedia, _ cancellation: Cancellation
  ) -> (any EncodedTokens)? {
    let (encoded, shape) = (media.clips[clip], prompt.clips[clip])
    switch modality {
    case .video:
      guard let video = encoded.video, let grid = shape.videoGrid?.perTime else { return nil }
      let group = thinker.configuration.vision.mergeGroup
      return WindowedTokens(encoded: video) { $0.grids * grid * group }
    case .audio:
      let units = thinker.configuration.definition.audio?.unitsPerSecond ?? 0
      return encoded.audio.map { WindowedTokens(encoded: $0) { $0.audioSeconds * units } }
    case .text, .image: return nil
    }
  }
}

extension EncodedMedia {
  /// Encoder outputs of the thinker, one per clip in prompt order.
  var clips: [EncodedClip] { state.value(as: [EncodedClip].self) }
}

/// Encoder tokens with the lengths of their temporal windows, as input to selection rules.
private struct WindowedTokens: EncodedTokens {
  let encoded: EncodedModality
  /// Number of encoder units (patches, audio frames) in a temporal window.
  let units: @Sendable (SelectionWindows) -> Int

  var features: Tensor { encoded.features }

  func attentionReceived(in windows: SelectionWindows) -> [Float] {
    encoded.attention.received(windowUnits: units(windows))
  }

  func attentionFlops(in windows: SelectionWindows) -> Double {
    encoded.attention.flops(windowUnits: units(windows))
  }

  func keyMeans() -> Tensor { encoded.attention.keyMeans() }
}
