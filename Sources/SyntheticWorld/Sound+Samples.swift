import Foundation

extension Sound.Event {
  static let samplesPerMillisecond = Scene.sampleRate / 1_000
  /// Number of samples over which a sound event fades in and out.
  private static let ramp = 320.0

  /// Length of the sound event in samples.
  var sampleCount: Int { length * Self.samplesPerMillisecond }

  /// Sample `index` of the sound event, with fade-in and fade-out.
  func amplitude(at index: Int, burst: NoiseStream) -> Double {
    let (i, count) = (Double(index), Double(sampleCount))
    let fade = min(1, min((i + 1) / Self.ramp, (count - i) / Self.ramp))
    return Double(level) / 1_000 * fade * body(at: index, burst: burst)
  }

  private func body(at index: Int, burst: NoiseStream) -> Double {
    guard let pitch else { return burst.amplitude(at: index) }
    let rate = Double(Scene.sampleRate)
    let time = Double(index) / rate
    let duration = Double(sampleCount) / rate
    let (from, to) = (Double(pitch[0]), Double(pitch[1]))
    let cycles = from * time + (to - from) * time * time / (2 * duration)
    return sin(2 * Double.pi * cycles)
  }
}
