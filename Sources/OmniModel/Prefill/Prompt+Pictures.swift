import Selection
import Tensors

/// Pictures and audio levels of a clip's tokens for display, computed on demand.
extension PromptClip {
  /// Thumbnails of the video as the encoder sees it: the first frame of each temporal grid, with
  /// tokens scaled to `side` × `side` pixels.
  /// - Returns: RGB bytes, [times, rows × side, columns × side, 3] of `videoGrid`; empty without
  ///   video.
  public func videoPixels(side: Int, for thinker: Thinker) -> [UInt8] {
    guard let patches = videoPatches, side > 0 else { return [] }
    return TokenPixels(
      patches, thinker.configuration.vision, scale: thinker.preprocessor.video, side: side
    ).rendered()
  }

  /// Audio levels of each audio token: the mean of each of `bands` equal parts of the mel scale,
  /// low to high, from 0 (80 dB below the loudest) to 255.
  /// - Returns: [audio tokens, bands]; empty without audio.
  public func melLevels(bands: Int, for thinker: Thinker) -> [UInt8] {
    let count = audioTokens
    guard let mel, bands > 0, count > 0, mel.columns > 0 else { return [] }
    let peak = mel.elements.max() ?? 0
    // Features are log10 power / 4, limited to 8 decades below the peak: a range of 2.
    let (range, rows) = (Float(2), mel.rows)
    let perSecond = audioTokensPerSecond
    return (0..<count).flatMap { token -> [UInt8] in
      let first = min(token * 100 / perSecond, mel.columns - 1)
      let end = min(max(first + 1, (token + 1) * 100 / perSecond), mel.columns)
      return (0..<bands).map { band in
        let low = band * rows / bands
        let high = min(rows, max(low + 1, (band + 1) * rows / bands))
        var sum: Float = 0
        for row in low..<high {
          for frame in first..<end { sum += mel.elements[row * mel.columns + frame] }
        }
        let mean = sum / Float((high - low) * (end - first))
        return UInt8(min(255, max(0, (mean - peak + range) / range * 255)))
      }
    }
  }
}

extension Prompt {
  /// The text of each text token in prompt order; special tokens by name.
  public func textPieces(for thinker: Thinker) -> [String] {
    zip(ids, modalities).filter { $1 == .text }
      .map { id, _ in thinker.tokenizer.decode([id], keepingSpecial: true) }
  }
}

/// Converts patches back to small pictures, one per token.
private struct TokenPixels {
  private let patches: Patches
  private let patchSide, merge, depth: Int
  private let scale: PixelScale
  private let side: Int

  init(_ patches: Patches, _ config: VisionConfiguration, scale: PixelScale, side: Int) {
    self.patches = patches
    (patchSide, merge, depth) = (config.patchSize, config.mergeSize, config.temporalPatchSize)
    self.scale = scale
    self.side = side
  }

  func rendered() -> [UInt8] {
    let grid = patches.tokenGrid(merge: merge)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(grid.count * side * side * 3)
    // Four samples of the grid's first frame per thumbnail pixel.
    let samples = (0..<side).map { at in
      let (low, high) = (Double(at), Double(at + 1))
      let step = Double(patchSide * merge) / Double(side)
      return [low * 0.75 + high * 0.25, low * 0.25 + high * 0.75].map { Int($0 * step) }
    }
    for time in 0..<grid.times {
      for row in 0..<grid.rows * side {
        for column in 0..<grid.columns * side {
          let token = (time * grid.rows + row / side) * grid.columns + column / side
          for channel in 0..<3 {
            pixels.append(mean(token, channel, samples[row % side], samples[column % side]))
          }
        }
      }
    }
    return pixels
  }

  private func mean(_ token: Int, _ channel: Int, _ rows: [Int], _ columns: [Int]) -> UInt8 {
    var sum: Float = 0
    for y in rows {
      for x in columns { sum += value(token, channel, y, x) }
    }
    let mean = sum / Float(rows.count * columns.count)
    let level = (mean * scale.deviation[channel] + scale.mean[channel]) * 255
    return UInt8(min(255, max(0, level.rounded())))
  }

  /// A value of a token's first frame; `y` and `x` count pixels over all of the token's patches.
  private func value(_ token: Int, _ channel: Int, _ y: Int, _ x: Int) -> Float {
    let patch = token * merge * merge + y / patchSide * merge + x / patchSide
    let inside = (channel * depth * patchSide + y % patchSide) * patchSide + x % patchSide
    return patches.values.elements[patch * patches.values.columns + inside]
  }
}
