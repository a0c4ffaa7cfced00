extension Qwen25Omni {
  func position(ofTime time: Float) -> Float { time.rounded(.towardZero) }
}

extension Qwen25Omni.Audio {
  /// Interleaves chunks of video tokens with chunks of audio tokens.
  func layOut(
    _ grid: TokenGrid, secondsPerGrid: Double, audioTokens: Int, on layout: inout PromptLayout
  ) {
    layout.mark(.visionStart)
    layout.mark(.audioStart, sharesPosition: true)
    let video = layout.videoPieces(grid, secondsPerGrid)
    let audio = layout.audioPieces(audioTokens)
    let rules = layout.rules
    let order = Chunks(positionsPerSecond: tokensPerSecond, seconds: Self.secondsPerChunk)
    let numbering = Chunks(
      positionsPerSecond: rules.positionsPerSecond, seconds: rules.secondsPerChunk)
    layout.lay(
      order.pieces(video, audio) {
        Double($0 / max(1, grid.perTime)) * secondsPerGrid * Double(tokensPerSecond)
      },
      numberedAs: numbering.pieces(video, audio) { Double(video[$0].offset.x) })
    layout.mark(.audioEnd)
    layout.mark(.visionEnd, sharesPosition: true)
  }

  /// Seconds per chunk of the published processor, independent of `seconds_per_chunk`.
  private static let secondsPerChunk = 2.0
}

/// Splits video and audio tokens into chunks by their time positions.
private struct Chunks {
  private let positions: Int

  init(positionsPerSecond: Int, seconds: Double) {
    positions = Int(Double(positionsPerSecond) * seconds)
  }

  func pieces(
    _ video: [PromptLayout.Piece], _ audio: [PromptLayout.Piece], time: (Int) -> Double
  ) -> [[PromptLayout.Piece]] {
    let video = cuts(video.count, time).map { Array(video[$0]) }
    let audio = cuts(audio.count) { Double($0) }.map { Array(audio[$0]) }
    return (0..<max(video.count, audio.count)).flatMap { index in
      [video, audio].compactMap { index < $0.count ? $0[index] : nil }
    }
  }

  /// Splits tokens where their time passes the end of a chunk. A token starts at most one chunk, so
  /// grids longer than a chunk lag behind, as in the published code.
  private func cuts(_ count: Int, _ time: (Int) -> Double) -> [Range<Int>] {
    var cuts: [Range<Int>] = []
    var start = 0
    for index in 0..<count where time(index) >= Double((cuts.count + 1) * positions) {
      cuts.append(start..<index)
      start = index
    }
    return cuts + [start..<count]
  }
}
