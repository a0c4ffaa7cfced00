import Basics
import Tensors

/// Preprocessing of a clip: resizes frames and cuts them into patches, and computes mel features.
struct ClipPreparation {
  let vision: VisionConfiguration
  /// The audio encoder's design and the mel spectrogram; nil for a family without audio.
  let audio: (design: any AudioDesign, spectrogram: MelSpectrogram)?
  let preprocessor: PreprocessorConfiguration
  let family: ModelFamily
  /// Whether the processor resizes frames again that `qwen_omni_utils` has already resized.
  let resizesAgain: Bool
  let audioTokensPerSecond: Int

  /// Prepares preprocessing for the clips of a conversation.
  /// - Parameter clips: all clips of the conversation. Audio is padded to the longest of them, or
  ///   to the maximum duration.
  init(_ thinker: Thinker, _ clips: [ClipInput]) {
    vision = thinker.configuration.vision
    preprocessor = thinker.preprocessor
    family = thinker.configuration.family
    resizesAgain = thinker.configuration.definition.preprocessing.resizesAgain
    guard let sound = thinker.configuration.definition.audio,
      let configuration = thinker.configuration.audio
    else {
      (audio, audioTokensPerSecond) = (nil, 0)
      return
    }
    audioTokensPerSecond = sound.tokensPerSecond
    let limit = thinker.preprocessor.audioSeconds * MelSpectrogram.sampleRate
    let longest = clips.compactMap { $0.waveform?.count }.max() ?? 0
    let spectrogram = MelSpectrogram(
      bands: configuration.melBins, longestSamples: limit,
      paddedSamples: sound.isPadded ? limit : min(longest, limit))
    audio = (configuration.design, spectrogram)
  }

  func clip(_ clip: ClipInput) throws(PromptError) -> PromptClip {
    guard clip.secondsPerGrid > 0, clip.secondsPerGrid <= 3600 else {
      throw .impossibleSecondsPerGrid(clip.secondsPerGrid)
    }
    let (video, image, mel) = (try video(clip), try image(clip), try mel(clip))
    let videoGrid = video?.patches.tokenGrid(merge: vision.mergeSize)
    let imageGrid = image?.patches.tokenGrid(merge: vision.mergeSize)
    let audioTokens = mel.flatMap { audio?.design.tokenCount(frames: $0.columns) } ?? 0
    let audit = PromptAudit(
      frameSize: clip.video.map { ($0.height, $0.width) }, resizedFrame: video?.size,
      imageSize: clip.image.map { ($0.height, $0.width) }, resizedImage: image?.size,
      grid: videoGrid, imageTokens: imageGrid?.count ?? 0, melFrames: mel?.columns,
      audioTokens: audioTokens, usedAudioSeconds: mel.map { Double($0.columns) / 100 },
      unusedAudioSeconds: unusedAudioSeconds(clip))
    return PromptClip(
      videoGrid: videoGrid, imageGrid: imageGrid, audioTokens: audioTokens,
      audioTokensPerSecond: audioTokensPerSecond,
      secondsPerGrid: clip.secondsPerGrid, gridTimes: gridTimes(clip), audit: audit,
      videoPatches: video?.patches,
      imagePatches: image?.patches, mel: mel)
  }

  private var factor: Int { vision.patchSize * vision.mergeSize }

  private func video(
    _ clip: ClipInput
  ) throws(PromptError) -> (patches: Patches, size: (height: Int, width: Int))? {
    guard let video = clip.video else { return nil }
    if clip.isResized, !resizesAgain, video.height % factor == 0, video.width % factor == 0 {
      return try patches(video, (video.height, video.width), preprocessor.video)
    }
    if let pixels = preprocessor.videoPixels, pixels.isShared, !clip.boundsPixels {
      let size = sharedResize(
        height: video.height, width: video.width, frames: video.frames.count,
        framesPerGrid: vision.temporalPatchSize, factor: factor, bounds: pixels.bounds)
      return try patches(
        video, try possible(size, of: video), preprocessor.video, isFloat: clip.isResized)
    }
    let bounds = bounds(clip, default: frameBounds(video.frames.count))
    return try patches(video, bounds, preprocessor.video, isFloat: clip.isResized)
  }

  /// Default pixel bounds of each frame, for clips that do not state both bounds.
  private func frameBounds(_ frames: Int) -> PixelBounds {
    guard let pixels = preprocessor.videoPixels else {
      return PreprocessorConfiguration.videoPixels(factor: factor)
    }
    guard pixels.isShared, frames > 0 else { return pixels.bounds }
    return PixelBounds(
      least: (pixels.bounds.least + frames - 1) / frames, most: pixels.bounds.most / frames)
  }

  /// Time of each temporal grid in seconds: midway between its first and last frame. An incomplete
  /// last grid repeats its last frame.
  private func gridTimes(_ clip: ClipInput) -> [Double] {
    guard let count = clip.video?.frames.count, count > 0 else { return [] }
    let each = vision.temporalPatchSize
    let times =
      clip.frameTimes.count == count
      ? clip.frameTimes : (0..<count).map { Double($0) * clip.secondsPerGrid / Double(each) }
    return stride(from: 0, to: count, by: each).map { first in
      (times[first] + times[min(first + each, count) - 1]) / 2
    }
  }

  /// Prepares a still image with the checkpoint's pixel bounds; the clip's own bounds apply to
  /// video.
  private func image(
    _ clip: ClipInput
  ) throws(PromptError) -> (patches: Patches, size: (height: Int, width: Int))? {
    guard let image = clip.image else { return nil }
    if clip.isResized, !resizesAgain, image.height % factor == 0, image.width % factor == 0 {
      return try patches(image, (image.height, image.width), preprocessor.image)
    }
    return try patches(image, preprocessor.imagePixels, preprocessor.image)
  }

  private func mel(_ clip: ClipInput) throws(PromptError) -> Tensor? {
    guard let waveform = clip.waveform else { return nil }
    guard let (design, spectrogram) = audio else {
      guard clip.video != nil || clip.image != nil else { throw .noAudio(family) }
      return nil
    }
    let frames = spectrogram.frameCount(waveform.count)
    guard design.tokenCount(frames: frames) > 0 else {
      throw .audioTooShort(samples: waveform.count)
    }
    guard design.counts(frames: frames) else {
      throw .audioWindow(windowFrames: design.windowFrames)
    }
    return spectrogram(waveform)
  }

  private func unusedAudioSeconds(_ clip: ClipInput) -> Double {
    let beyond = (clip.waveform?.count ?? 0) - (audio?.spectrogram.longestSamples ?? 0)
    return Double(max(0, beyond)) / Double(MelSpectrogram.sampleRate)
  }

  private func bounds(_ clip: ClipInput, default bounds: PixelBounds) -> PixelBounds {
    let least = clip.leastPixels ?? min(bounds.least, clip.mostPixels ?? .max)
    let most = clip.mostPixels ?? max(bounds.most, clip.leastPixels ?? 0)
    guard let total = clip.totalPixels, let frames = clip.video?.frames.count, least <= most else {
      return PixelBounds(least: least, most: most)
    }
    // The total is distributed over frames as `qwen_omni_utils` does for media files.
    let share = max(Double(total) / Double(max(1, frames)) * 2, Double(least) * 1.05)
    return PixelBounds(least: least, most: Int(min(Double(most), share)))
  }

  /// Checks that the resized bytes and the float patches of the frames fit in memory.
  private func checkMemory(
    _ frames: Int, _ size: (height: Int, width: Int)
  ) throws(PromptError) {
    let each = (size.height * size.width).multipliedReportingOverflow(by: 15)
    let all = each.partialValue.multipliedReportingOverflow(by: frames + 1)
    let required = each.overflow || all.overflow ? Int.max : all.partialValue
    guard let available = MachineMemory.available, required > available else { return }
    throw .framesTooLarge(
      frames: frames, height: size.height, width: size.width, required: required,
      available: available)
  }

  private func patches(
    _ frames: PixelFrames, _ bounds: PixelBounds, _ scale: PixelScale, isFloat: Bool = false
  ) throws(PromptError) -> (patches: Patches, size: (height: Int, width: Int)) {
    guard bounds.least >= 0, bounds.most >= max(1, bounds.least), bounds.most <= 1 << 40 else {
      throw .impossiblePixelBounds(least: bounds.least, most: bounds.most)
    }
    let size = smartResize(
      height: frames.height, width: frames.width, factor: factor, bounds: bounds)
    return try patches(frames, try possible(size, of: frames), scale, isFloat: isFloat)
  }

  private func possible(
    _ size: (height: Int, width: Int)?, of frames: PixelFrames
  ) throws(PromptError) -> (height: Int, width: Int) {
    guard let size, size.height > 0, size.width > 0 else {
      throw .impossibleFrame(height: frames.height, width: frames.width)
    }
    return size
  }

  private func patches(
    _ frames: PixelFrames, _ size: (height: Int, width: Int), _ scale: PixelScale,
    isFloat: Bool = false
  ) throws(PromptError) -> (patches: Patches, size: (height: Int, width: Int)) {
    try checkMemory(frames.frames.count, size)
    if isFloat, size != (frames.height, frames.width) {
      let resize = FloatResize(from: (frames.height, frames.width), to: size)
      let resized = frames.frames.map { resize($0.map { Float($0) }) }
      let patches = Patches(
        resized, height: size.height, width: size.width, vision, scale: scale)
      return (patches, size)
    }
    let resize = BicubicResize(from: (frames.height, frames.width), to: size)
    let resized = PixelFrames(
      frames.frames.map { resize($0) }, height: size.height, width: size.width)
    let patches = Patches(resized, vision, scale: scale)
    return (patches, size)
  }
}

extension ClipInput {
  /// Whether the clip states pixel bounds of its own.
  fileprivate var boundsPixels: Bool {
    leastPixels != nil || mostPixels != nil || totalPixels != nil
  }
}
