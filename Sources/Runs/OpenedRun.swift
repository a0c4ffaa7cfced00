import Basics
import Foundation
import Media
import OmniModel
import Selection
import Synchronization
import Tensors

/// A loaded model and a clip prepared for it.
public struct OpenedRun: Sendable {
  public let thinker: Thinker
  public let prompt: Prompt
  public let subject: RunSubject
  /// Wall time of reading, sampling and preparing the clip, in seconds.
  public let mediaSeconds: Double

  /// Reads the checkpoint, then the clip.
  /// - Parameters:
  ///   - onProgress: called with a short text of what is being read.
  ///   - onEvent: receives notices of the cache, of streaming and of progress.
  /// - Throws: `CheckpointError`, `MediaError` or `PromptError`.
  public init(
    _ request: RunRequest, onProgress: @Sendable (String) -> Void = { _ in },
    onEvent: @escaping @Sendable (LoadingEvent) -> Void = { _ in }
  ) async throws {
    if let threads = request.threads { ProductThreads.use(threads) }
    onProgress(request.model.isElsewhere ? "starting the engine" : "reading the checkpoint")
    let thinker = try Thinker(
      request.model, compute: request.compute, cache: request.cache, memory: request.memory,
      onEvent: onEvent)
    onProgress("reading the clip")
    let start = ContinuousClock.now
    let loaded = try await LoadedConversation(request, thinker) { onEvent(.progress($0)) }
    onProgress("preparing the prompt")
    try self.init(thinker, loaded, mediaStart: start)
  }

  /// Reloads the clip with other input settings; the model stays loaded.
  /// - Parameter onProgress: receives the progress of decoding.
  public init(
    _ other: OpenedRun, _ request: RunRequest,
    onProgress: @escaping @Sendable (WorkProgress) -> Void = { _ in }
  ) async throws {
    let start = ContinuousClock.now
    let loaded = try await LoadedConversation(request, other.thinker, onProgress)
    try self.init(other.thinker, loaded, mediaStart: start)
  }

  /// Asks another question about the same clip; model and preprocessed media are reused.
  public init(_ other: OpenedRun, asking asked: AskedQuestion) throws(PromptError) {
    (thinker, mediaSeconds) = (other.thinker, other.mediaSeconds)
    let clip = other.subject.clip.asking(asked)
    prompt = try other.prompt.asking(clip.question, of: thinker)
    subject = RunSubject(
      model: other.subject.model, clip: clip, prompt: PromptSummary(prompt),
      media: PromptMedia(prompt, thinker))
  }

  private init(
    _ thinker: Thinker, _ loaded: LoadedConversation, mediaStart: ContinuousClock.Instant
  ) throws(PromptError) {
    self.thinker = thinker
    prompt = try Prompt(loaded.conversation, for: thinker)
    // Thumbnails for the screen do not count as preparation time.
    mediaSeconds = mediaStart.duration(to: .now).seconds
    subject = RunSubject(
      model: ModelSummary(thinker), clip: ClipSummary(loaded, prompt, thinker),
      prompt: PromptSummary(prompt), media: PromptMedia(prompt, thinker))
  }
}

extension OpenedRun {
  /// A function that resizes frames and pictures of a media file like the published code, called
  /// while they are decoded, so that not all full-size frames are in memory at once.
  /// - Parameter onProgress: receives the number of frames that are decoded and resized.
  static func resizing(
    _ settings: InputSettings, for family: ModelFamily,
    now: @escaping @Sendable () -> Duration = ProgressMeter.uptime,
    _ onProgress: @escaping @Sendable (WorkProgress) -> Void = { _ in }
  ) -> PicturePreparation {
    let sizes = MediaFrameResizing(settings, for: family)
    let counted = FrameProgress(now, onProgress)
    return PicturePreparation(
      frame: { frame, count in
        defer { counted.add(of: count) }
        let size = sizes.size(height: frame.height, width: frame.width, frames: count)
        guard let size else { return frame }
        let resize = FloatResize(from: (frame.height, frame.width), to: size)
        return RGBImage(width: size.width, height: size.height, pixels: resize.bytes(frame.pixels))
      },
      image: { image in
        let size = sizes.imageSize(height: image.height, width: image.width)
        guard let size else { return image }
        let resize = BicubicResize(
          from: (image.height, image.width), to: size, weights: .pillow)
        return RGBImage(width: size.width, height: size.height, pixels: resize(image.pixels))
      })
  }
}

/// Counts the decoded frames of a video.
private final class FrameProgress: Sendable {
  private let now: @Sendable () -> Duration
  private let report: @Sendable (WorkProgress) -> Void
  private let counter = Mutex<(meter: ProgressMeter, done: Int)?>(nil)

  init(
    _ now: @escaping @Sendable () -> Duration, _ report: @escaping @Sendable (WorkProgress) -> Void
  ) {
    (self.now, self.report) = (now, report)
  }

  /// Counts a frame out of `total`. Some videos are decoded twice: counting then begins again.
  func add(of total: Int) {
    let (meter, done) = counter.withLock { counter in
      let current = counter.flatMap { $0.meter.total == total && $0.done < total ? $0 : nil }
      let meter =
        current?.meter
        ?? ProgressMeter(.frames, total: total, now: now, report: report)
      counter = (meter, (current?.done ?? 0) + 1)
      return (meter, (current?.done ?? 0) + 1)
    }
    done >= total ? meter.finish() : meter.set(done)
  }
}

extension ClipInput {
  /// The input of a clip for a model: question with choices, frames, samples and settings.
  /// - Parameter framesPerGrid: number of frames per temporal grid.
  public init(_ clip: Clip, framesPerGrid: Int, for family: ModelFamily = .standard) {
    let settings = clip.settings
    // Frames of a media file were resized while reading, so pixel limits must not apply again.
    let bounds = clip.isPrepared ? settings : InputSettings()
    self.init(
      system: settings.system, question: Self.question(clip),
      video: clip.video.map { PixelFrames($0.frames) },
      waveform: clip.audio?.samples, image: clip.image.map { PixelFrames([$0]) },
      secondsPerGrid: settings.secondsPerGrid(
        rate: clip.video?.framesPerSecond, family, framesPerGrid: framesPerGrid),
      leastPixels: bounds.minPixels, mostPixels: bounds.maxPixels,
      totalPixels: bounds.totalPixels)
    isResized = !clip.isPrepared
    if let video = clip.video, settings.followsRate(of: family) { frameTimes = video.times }
  }

  init(_ clip: Clip, for thinker: Thinker) {
    self.init(
      clip, framesPerGrid: thinker.configuration.framesPerGrid,
      for: thinker.configuration.family)
  }

  /// Question, choices and suffix, one per line. Choices that the question contains are not
  /// repeated.
  public static func question(_ clip: Clip) -> String {
    AskedQuestion(clip.question ?? "", choices: clip.choices).text(suffix: clip.settings.suffix)
  }
}

extension InputSettings {
  /// The question, with the suffix (if any) on a new line.
  public func withSuffix(_ question: String) -> String {
    guard let suffix, !suffix.isEmpty else { return question }
    return question.isEmpty ? suffix : question + "\n" + suffix
  }

  /// Seconds per temporal grid in the token positions.
  /// - Parameter rate: sampled frames per second; nil without video.
  func secondsPerGrid(
    rate: Double?, _ family: ModelFamily, framesPerGrid: Int = 2
  ) -> Double {
    switch secondsPerGrid {
    case .seconds(let seconds): seconds
    case .published where family.published.secondsPerGrid != nil:
      (family.published.secondsPerGrid ?? 1) * Double(framesPerGrid) / 2
    case .published, .actual, nil: rate.map { Double(framesPerGrid) / $0 } ?? 1
    }
  }

  /// Whether token positions follow the times of the sampled frames.
  func followsRate(of family: ModelFamily) -> Bool {
    switch secondsPerGrid {
    case .seconds: false
    case .published: family.published.secondsPerGrid == nil
    case .actual, nil: true
    }
  }
}

extension MediaFrameResizing {
  init(_ settings: InputSettings, for family: ModelFamily) {
    self.init(
      unit: family.published.mediaUnit, leastPixels: settings.minPixels,
      mostPixels: settings.maxPixels,
      totalPixels: settings.totalPixels)
  }
}

extension PixelFrames {
  init(_ images: [RGBImage]) {
    self.init(
      images.map(\.pixels), height: images.first?.height ?? 0, width: images.first?.width ?? 0)
  }
}

extension ModelSummary {
  init(_ thinker: Thinker) {
    var decoder = DecoderShape(thinker.configuration.text)
    decoder.bytesPerNumber = thinker.bytesPerNumber
    self.init(
      name: thinker.label,
      architecture: thinker.configuration.architecture,
      decoder: decoder,
      dtype: thinker.dtype, parameters: thinker.parameters,
      family: thinker.configuration.family)
    engine = thinker.engineName
  }
}

extension Thinker {
  /// Name of the model; for an adapter, with the name of its base model.
  public var label: String {
    let name = ModelSummary.name(directory)
    return base.map { "\(name) + \(ModelSummary.name($0))" } ?? name
  }
}

extension ModelSummary {
  /// Name of a model directory: the repository of a download, otherwise the directory's name, with
  /// its parent if the name alone says little.
  public static func name(_ directory: String) -> String {
    let parts = directory.split(separator: "/").map(String.init)
    if let at = parts.lastIndex(of: "snapshots"), at > 0, parts[at - 1].hasPrefix("models--") {
      return String(parts[at - 1].dropFirst("models--".count)).replacing("--", with: "/")
    }
    let generic = ["checkpoint", "model"].contains(parts.last) && parts.count > 1
    return generic ? parts.suffix(2).joined(separator: "/") : parts.last ?? "model"
  }
}

extension PromptSummary {
  init(_ prompt: Prompt) {
    self.init(
      modalities: prompt.modalities, windows: prompt.windowCount,
      tokensPerGrid: prompt.tokensPerGrid, tokens: prompt.tokens,
      contentHash: prompt.contentHash,
      clips: prompt.clips.count > 1 ? prompt.clips.map(\.shape) : [])
  }
}
