import Selection
import Tensors

extension ThinkerEngine {
  /// Runs the encoders on each clip separately: there is no attention between clips.
  func encode(
    reusing earlier: EncodedMedia?, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedMedia {
    var work = EncoderWork(thinker.encodings)
    var clips = prompt.clips.map { _ in EncodedClip() }
    defer { cancellation.end() }
    let count = prompt.clips.count
    for (index, clip) in prompt.clips.enumerated() {
      guard let mel = clip.mel, let encoder = thinker.audio else { continue }
      let held = earlier?.output(\.audio) { $0.mel == mel }
      cancellation.begin(.audioEncoder, index, of: count)
      clips[index].audio = try work.output(held, .audio(mel)) { () throws(PrefillError) in
        try encoder(mel, cancellation)
      }
    }
    cancellation.end()
    let audio = work.finish()
    func see(
      _ patches: Patches, _ held: EncodedModality?
    ) throws(PrefillError) -> EncodedModality {
      try work.output(held, .vision(patches)) { () throws(PrefillError) in
        try thinker.vision(patches, cancellation)
      }
    }
    for (index, clip) in prompt.clips.enumerated() {
      if let patches = clip.imagePatches {
        cancellation.begin(.imageEncoder, index, of: count)
        clips[index].image = try see(
          patches, earlier?.output(\.image) { $0.imagePatches == patches })
      }
      if let patches = clip.videoPatches {
        cancellation.begin(.videoEncoder, index, of: count)
        clips[index].video = try see(
          patches, earlier?.output(\.video) { $0.videoPatches == patches })
      }
    }
    let vision = work.finish()
    if let fault = clips.lazy.compactMap(\.fault).first { throw .broken(fault) }
    return EncodedMedia(
      state: EngineState(ThinkerMedia(clips: clips, inputs: prompt.clips, fresh: work.fresh)),
      vision: vision, audio: audio, flops: work.flops)
  }

  func store(_ media: EncodedMedia) {
    thinker.encodings?.keep(media.thinker.fresh)
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

/// Encoder outputs of a prompt by the model in this process.
private struct ThinkerMedia: Sendable {
  /// Encoder outputs of each clip, in prompt order.
  let clips: [EncodedClip]
  /// The clips that were encoded, in the same order.
  let inputs: [PromptClip]
  /// New outputs that can be stored for later runs.
  let fresh: [FreshEncoding]
}

extension EncodedMedia {
  fileprivate var thinker: ThinkerMedia { state.value() }

  /// Encoder outputs of the thinker, one per clip in prompt order.
  var clips: [EncodedClip] { thinker.clips }

  /// The encoder output for the first clip with the same input; nil if there is none.
  fileprivate func output(
    _ part: KeyPath<EncodedClip, EncodedModality?>, _ isSame: (PromptClip) -> Bool
  ) -> EncodedModality? {
    let media = thinker
    return zip(media.inputs, media.clips).first { isSame($0.0) }.flatMap { $0.1[keyPath: part] }
  }
}

/// Runs encoders whose outputs are neither in memory nor cached in files.
private struct EncoderWork {
  let cached: CachedEncodings?
  var use = EncoderUse()
  var flops = 0.0
  var fresh: [FreshEncoding] = []

  init(_ cached: CachedEncodings?) { self.cached = cached }

  /// Computes or finds the output for an input.
  /// - Parameters:
  ///   - held: the output if it is in memory.
  ///   - input: the encoder input, which identifies the output in the cache; computing its checksum
  ///     counts as read time.
  mutating func output(
    _ held: EncodedModality?, _ input: EncoderInput,
    _ encode: () throws(PrefillError) -> EncodedModality
  ) throws(PrefillError) -> EncodedModality {
    if let held {
      use.held += 1
      return held
    }
    var clock = StepClock()
    let key = cached?.key(input)
    if let key, let found = cached?.encoding(key) {
      use.read += 1
      use.seconds += clock.lap()
      return found
    }
    _ = clock.lap()
    let output = try encode()
    use.computed += 1
    use.seconds += clock.lap()
    flops += output.flops
    if let key { fresh.append(FreshEncoding(key: key, output: output)) }
    return output
  }

  /// Sources and times of the outputs since the last call.
  mutating func finish() -> EncoderUse {
    defer { use = EncoderUse() }
    return use
  }
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
