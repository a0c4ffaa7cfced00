/// Renders a scene to frames and audio as specified in `samples/training/WORLD.md`.
///
/// Frames use integer arithmetic and are identical on all machines; audio samples agree to within
/// 1e-6.
public struct SceneRenderer: Sendable {
  /// The validated scene to render.
  public let scene: Scene

  /// Validates a scene; rendering it afterwards cannot fail.
  /// - Throws: `SyntheticWorldError` for the first invalid value.
  public init(_ scene: Scene) throws(SyntheticWorldError) {
    try scene.validate()
    self.scene = scene
  }

  /// Renders all frames in order, each as RGB bytes [112, 112, 3].
  public func frames() -> [[UInt8]] {
    let backdrop = Picture.backdrop(of: scene)
    let grain = NoiseStream(seed: scene.seed, stream: NoiseStream.grain)
    return (0..<scene.frameCount).map { number in
      let (part, frame) = number.quotientAndRemainder(dividingBy: Scene.framesPerWindow)
      var picture = backdrop
      for figure in scene.windows[part].shapes where figure.isShown(in: frame) {
        picture.draw(figure, frame: frame)
      }
      if scene.grain > 0 {
        picture.add(grain, strength: scene.grain, roll: scene.flicker ? number : 0)
      }
      return picture.bytes
    }
  }

  /// Renders the audio of the whole clip, mono at 16 kHz: [32000 · windows].
  public func waveform() -> [Float] {
    let hiss = NoiseStream(seed: scene.seed, stream: NoiseStream.hiss)
    let loudness = Double(scene.hiss) / 10_000
    var samples = (0..<scene.sampleCount).map { hiss.amplitude(at: $0) * loudness }
    for (part, window) in scene.windows.enumerated() {
      guard let event = window.sound.event else { continue }
      let start = part * Scene.samplesPerWindow + event.onset * Sound.Event.samplesPerMillisecond
      let burst = NoiseStream(
        seed: scene.seed, stream: NoiseStream.firstBurst + UInt64(part))
      for index in 0..<event.sampleCount {
        samples[start + index] += event.amplitude(at: index, burst: burst)
      }
    }
    return samples.map(Float.init)
  }
}
