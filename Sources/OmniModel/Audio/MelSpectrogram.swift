import Foundation
import Tensors

/// Log-mel features as in Whisper: 400-sample Hann frames every 160 samples, Slaney mel bands, and
/// log₁₀ limited to 8 below the peak of the whole padded clip.
struct MelSpectrogram: Sendable {
  let bands: Int
  /// Maximum number of samples; longer audio is truncated.
  let longestSamples: Int
  /// Shorter audio is padded with silence to this number of samples; 0 for no padding.
  let paddedSamples: Int

  static let sampleRate = 16_000
  static let frameSamples = 400
  static let hop = 160
  private static let bins = frameSamples / 2 + 1

  /// Number of mel frames of `samples` audio samples: with padding one per started hop, otherwise
  /// one per complete hop.
  func frameCount(_ samples: Int) -> Int {
    let used = min(samples, longestSamples)
    let started = (used + Self.hop - 1) / Self.hop
    return min(started, max(used, paddedSamples) / Self.hop)
  }

  /// Computes the log-mel features of mono audio at 16 kHz: [bands, frames].
  func callAsFunction(_ waveform: [Float]) -> Tensor {
    let used = Array(waveform.prefix(longestSamples))
    let paddedSamples = max(self.paddedSamples, used.count)
    let frames = frameCount(used.count)
    // The lower limit is relative to the peak of the padded clip; frames after the last sample are
    // silent.
    let sounding = min(
      paddedSamples / Self.hop, (used.count + Self.frameSamples / 2) / Self.hop + 1)
    let powers = Self.powers(used, frames: max(frames, sounding), padded: paddedSamples)
    let mel = doubleProduct(
      powers, Self.filters(bands), m: max(frames, sounding), n: bands, k: Self.bins)
    let logs = mel.map { log10(max($0, 1e-10)) }
    let floor = max(logs.max() ?? -10, -10) - 8
    var features = Tensor.zeros([bands, frames]).elements
    for frame in 0..<frames {
      for band in 0..<bands {
        features[band * frames + frame] = Float((max(logs[frame * bands + band], floor) + 4) / 4)
      }
    }
    return Tensor([bands, frames], features)
  }

  /// Power spectrum |DFT|² of Hann frames centred on multiples of the hop, [frames, bins]. In
  /// double precision because the logarithm amplifies rounding errors.
  private static func powers(_ samples: [Float], frames: Int, padded: Int) -> [Double] {
    var powers: [Double] = []
    powers.reserveCapacity(frames * bins)
    let basis = fourierBasis
    for start in stride(from: 0, to: frames, by: 1024) {
      let block = start..<min(start + 1024, frames)
      let windowed = block.flatMap { frame in
        (0..<frameSamples).map { tap in
          hann[tap] * sample(samples, frame * hop + tap - frameSamples / 2, padded: padded)
        }
      }
      let spectrum = doubleProduct(
        windowed, basis, m: block.count, n: 2 * bins, k: frameSamples)
      for row in 0..<block.count {
        for bin in 0..<bins {
          let (real, imaginary) = (
            spectrum[row * 2 * bins + bin], spectrum[row * 2 * bins + bins + bin]
          )
          powers.append(real * real + imaginary * imaginary)
        }
      }
    }
    return powers
  }

  /// A sample of the padded signal, which is reflected at both ends.
  private static func sample(_ samples: [Float], _ index: Int, padded: Int) -> Double {
    var index = abs(index)
    if index >= padded { index = 2 * (padded - 1) - index }
    return index >= 0 && index < samples.count ? Double(samples[index]) : 0
  }

  private static let hann = (0..<frameSamples).map {
    0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(frameSamples))
  }

  /// Basis of the discrete Fourier transform, [frameSamples, 2 × bins]: cosines, then sines.
  private static let fourierBasis: [Double] = (0..<frameSamples).flatMap { tap in
    let angles = (0..<bins).map {
      2 * Double.pi * Double(tap * $0 % frameSamples) / Double(frameSamples)
    }
    return angles.map { cos($0) } + angles.map { sin($0) }
  }

  /// Slaney's triangular mel filters, normalised to equal area: [bins, bands].
  private static func filters(_ bands: Int) -> [Double] {
    let top = mel(Double(sampleRate) / 2)
    let corners = (0..<bands + 2).map { hertz(top * Double($0) / Double(bands + 1)) }
    return (0..<bins).flatMap { bin in
      let frequency = Double(bin) * Double(sampleRate) / Double(frameSamples)
      return (0..<bands).map { band in
        let (low, middle, high) = (corners[band], corners[band + 1], corners[band + 2])
        let rising = (frequency - low) / (middle - low)
        let falling = (high - frequency) / (high - middle)
        return max(0, min(rising, falling)) * 2 / (high - low)
      }
    }
  }

  private static func mel(_ hertz: Double) -> Double {
    hertz < 1000 ? 3 * hertz / 200 : 15 + 27 * log(hertz / 1000) / log(6.4)
  }

  private static func hertz(_ mel: Double) -> Double {
    mel < 15 ? 200 * mel / 3 : 1000 * exp(log(6.4) * (mel - 15) / 27)
  }
}
