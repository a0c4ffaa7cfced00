import Selection
import Tensors

/// A clip and a question, ready for the encoders: tokens with modality, window and position.
public struct Prompt: Sendable {
  public let ids: [Int]
  public let modalities: [Modality]
  /// Video tokens, before any selection; nil without video.
  public let videoGrid: TokenGrid?
  public let imageGrid: TokenGrid?
  /// Runs of video and audio that belong together in time.
  public let windowCount: Int
  /// What preprocessing made of the clip.
  public let audit: PromptAudit
  let layout: PromptLayout
  /// Audio tokens that one second of sound makes.
  public let audioTokensPerSecond: Int
  /// The clip without its media.
  let clip: ClipInput
  let videoPatches, imagePatches: Patches?
  /// [bands, frames].
  let mel: Tensor?
  /// Of the media alone.
  private let mediaHash: ContentHash

  /// Resizes, patches, listens and lays out.
  public init(_ clip: ClipInput, for thinker: Thinker) throws(PromptError) {
    let configuration = thinker.configuration
    audioTokensPerSecond = configuration.family.interleavedPositionsPerSecond
    guard clip.secondsPerGrid > 0, clip.secondsPerGrid <= 3600 else {
      throw .impossibleSecondsPerGrid(clip.secondsPerGrid)
    }
    self.clip = ClipInput(
      system: clip.system, question: clip.question, secondsPerGrid: clip.secondsPerGrid)
    let prepare = ClipPreparation(thinker)
    let video = try prepare.video(clip)
    let image = try prepare.image(clip)
    mel = try prepare.mel(clip)
    (videoPatches, imagePatches) = (video?.patches, image?.patches)
    let merge = configuration.vision.mergeSize
    videoGrid = video?.patches.tokenGrid(merge: merge)
    imageGrid = image?.patches.tokenGrid(merge: merge)
    layout = try Self.layout(clip, videoGrid, imageGrid, mel?.columns, thinker)
    ids = layout.ids
    modalities = layout.modalities
    mediaHash = ContentHash(media: clip)
    windowCount = TemporalWindows(modalities).windows.count
    audit = PromptAudit(
      frameSize: clip.video.map { ($0.height, $0.width) }, resizedFrame: video?.size,
      imageSize: clip.image.map { ($0.height, $0.width) }, resizedImage: image?.size,
      grid: videoGrid, imageTokens: imageGrid?.count ?? 0, melFrames: mel?.columns,
      audioTokens: modalities.count { $0 == .audio },
      heardSeconds: mel.map { Double($0.columns) / 100 },
      unheardSeconds: prepare.unheardSeconds(clip))
  }

  /// Stands for media, ids and positions: what methods that drop at random draw by, beside the seed.
  public var contentHash: UInt64 { mediaHash.joined(by: layout).value }

  /// Another question about the same clip; its media are not prepared again.
  public func asking(_ question: String, of thinker: Thinker) throws(PromptError) -> Prompt {
    try Prompt(self, question, thinker)
  }

  private init(_ other: Prompt, _ question: String, _ thinker: Thinker) throws(PromptError) {
    clip = other.clip
    audioTokensPerSecond = other.audioTokensPerSecond
    (mel, videoPatches, imagePatches) = (other.mel, other.videoPatches, other.imagePatches)
    (videoGrid, imageGrid, audit) = (other.videoGrid, other.imageGrid, other.audit)
    mediaHash = other.mediaHash
    var asked = other.clip
    asked.question = question
    layout = try Self.layout(asked, videoGrid, imageGrid, mel?.columns, thinker)
    ids = layout.ids
    modalities = layout.modalities
    windowCount = TemporalWindows(modalities).windows.count
  }

  /// Whether the encoders are fed the same, whatever is written around it.
  public func hasSameMedia(as other: Prompt) -> Bool {
    mel == other.mel && videoPatches == other.videoPatches && imagePatches == other.imagePatches
  }

  private static func layout(
    _ clip: ClipInput, _ video: TokenGrid?, _ image: TokenGrid?, _ melFrames: Int?,
    _ thinker: Thinker
  ) throws(PromptError) -> PromptLayout {
    let configuration = thinker.configuration
    let audioTokens = melFrames.map { configuration.audio.tokenCount(frames: $0) }
    var media: [PromptSegment] = image.map { [.image($0)] } ?? []
    switch (video, audioTokens) {
    case (let video?, let audio?):
      media.append(
        .audioInVideo(video, secondsPerGrid: clip.secondsPerGrid, audioTokens: audio))
    case (let video?, nil): media.append(.video(video, secondsPerGrid: clip.secondsPerGrid))
    case (nil, let audio?): media.append(.audio(tokens: audio))
    case (nil, nil): break
    }
    if let conflict = thinker.tokens.conflicts.first(where: { conflict in
      media.contains { $0.needs(conflict.kind) }
    }) {
      throw .tokenConflict(conflict)
    }
    let chat = ChatPrompt(
      system: clip.system, style: thinker.chatStyle, question: clip.question, media: media)
    let layout: PromptLayout
    do {
      layout = PromptLayout(
        try chat.segments(thinker.tokenizer),
        .init(
          family: configuration.family, tokens: thinker.tokens.tokens,
          positionsPerSecond: configuration.positionsPerSecond,
          secondsPerChunk: configuration.secondsPerChunk))
    } catch {
      throw .tokenizer(error)
    }
    if let id = layout.ids.first(where: { $0 < 0 || $0 >= configuration.text.vocabulary }) {
      throw .unknownToken(id: id, vocabulary: configuration.text.vocabulary)
    }
    return layout
  }
}

/// What preprocessing did to a clip.
public struct PromptAudit: Sendable {
  public let frameSize, resizedFrame, imageSize, resizedImage: (height: Int, width: Int)?
  public let grid: TokenGrid?
  public let imageTokens: Int
  public let melFrames: Int?
  public let audioTokens: Int
  /// Sound that was turned into tokens, and sound beyond the longest the model listens to.
  public let heardSeconds: Double?
  public let unheardSeconds: Double
}

/// Pixels to patches and sound to mel, as the checkpoint's preprocessor asks.
private struct ClipPreparation {
  let vision: VisionConfiguration
  let audio: AudioConfiguration
  let preprocessor: PreprocessorConfiguration
  let spectrogram: MelSpectrogram

  init(_ thinker: Thinker) {
    vision = thinker.configuration.vision
    audio = thinker.configuration.audio
    preprocessor = thinker.preprocessor
    spectrogram = MelSpectrogram(
      bands: thinker.configuration.audio.melBins,
      longestSamples: thinker.preprocessor.audioSeconds * MelSpectrogram.sampleRate,
      padsWithSilence: thinker.configuration.family == .qwen25)
  }

  private var factor: Int { vision.patchSize * vision.mergeSize }

  func video(
    _ clip: ClipInput
  ) throws(PromptError) -> (patches: Patches, size: (height: Int, width: Int))? {
    guard let video = clip.video else { return nil }
    let bounds = bounds(clip, default: PreprocessorConfiguration.videoPixels(factor: factor))
    return try patches(video, bounds, preprocessor.video, isFloat: clip.isResized)
  }

  /// Images keep to the checkpoint's bounds: the clip's own are for video.
  func image(
    _ clip: ClipInput
  ) throws(PromptError) -> (patches: Patches, size: (height: Int, width: Int))? {
    guard let image = clip.image else { return nil }
    return try patches(image, preprocessor.imagePixels, preprocessor.image)
  }

  func mel(_ clip: ClipInput) throws(PromptError) -> Tensor? {
    guard let waveform = clip.waveform else { return nil }
    guard audio.tokenCount(frames: spectrogram.frameCount(waveform.count)) > 0 else {
      throw .audioTooShort(samples: waveform.count)
    }
    guard audio.counts(frames: spectrogram.frameCount(waveform.count)) else {
      throw .audioWindow(windowFrames: audio.windowFrames)
    }
    return spectrogram(waveform)
  }

  func unheardSeconds(_ clip: ClipInput) -> Double {
    let beyond = (clip.waveform?.count ?? 0) - spectrogram.longestSamples
    return Double(max(0, beyond)) / Double(MelSpectrogram.sampleRate)
  }

  private func bounds(_ clip: ClipInput, default bounds: PixelBounds) -> PixelBounds {
    let least = clip.leastPixels ?? min(bounds.least, clip.mostPixels ?? .max)
    let most = clip.mostPixels ?? max(bounds.most, clip.leastPixels ?? 0)
    guard let total = clip.totalPixels, let frames = clip.video?.frames.count, least <= most else {
      return PixelBounds(least: least, most: most)
    }
    // Shared out as the published utilities do for media files.
    let share = max(Double(total) / Double(max(1, frames)) * 2, Double(least) * 1.05)
    return PixelBounds(least: least, most: Int(min(Double(most), share)))
  }

  /// Resized bytes and their patches as floats must fit at least.
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
    guard let size, size.height > 0, size.width > 0 else {
      throw .impossibleFrame(height: frames.height, width: frames.width)
    }
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
