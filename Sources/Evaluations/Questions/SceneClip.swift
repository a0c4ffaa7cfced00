import Basics
import Media
import OmniModel
import SyntheticWorld

extension Clip {
  /// A clip rendered from a synthetic scene, without a question.
  /// - Parameter settings: input settings of the scene.
  init(_ clip: BenchmarkClip, _ settings: InputSettings) throws {
    let renderer = try SceneRenderer(clip.scene)
    let video =
      try clip.modalities.contains(.video) && settings.usesVideo
      ? VideoFrames(
        frames: renderer.frames().map {
          RGBImage(width: Scene.side, height: Scene.side, pixels: $0)
        }, framesPerSecond: Scene.framesPerSecond
      ).sampled(settings, file: clip.clip) : nil
    let sound = clip.modalities.contains(.audio) && settings.usesAudio
    var bounds = settings
    bounds.minPixels = settings.minPixels ?? 1
    self.init(
      title: clip.clip, source: clip.clip, video: video,
      audio: sound ? Waveform(samples: renderer.waveform()) : nil, settings: bounds)
  }

  /// The clip of a benchmark file with this name; nil if there is none.
  /// - Throws: `EvaluationError` or `SyntheticWorldError`.
  public static func scene(
    _ name: String, ofBenchmark file: String, _ settings: InputSettings
  ) throws -> Clip? {
    let text: String
    do {
      text = try FileInput.text(file, limit: Benchmark.sizeLimit)
    } catch {
      throw EvaluationError.unreadable(file: file, reason: error.reason)
    }
    let found = try Benchmark(parsing: text).clips.first { $0.clip == name }
    return try found.map { try Clip($0, settings) }
  }
}
