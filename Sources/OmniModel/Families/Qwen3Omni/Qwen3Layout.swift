extension Qwen3Omni {
  func position(ofTime time: Float) -> Float { time }
}

extension Qwen3Omni.Audio {
  /// Merges video and audio tokens by time; at equal times video comes first.
  func layOut(
    _ grid: TokenGrid, secondsPerGrid: Double, audioTokens: Int, on layout: inout PromptLayout
  ) {
    layout.mark(.visionStart)
    layout.mark(.audioStart)
    let start = layout.next
    let rate = Double(tokensPerSecond)
    let video = layout.videoPieces(grid, secondsPerGrid)
    let audio = layout.audioPieces(audioTokens)
    layout.lay(
      Self.merged(video, audio) { video, audio in
        Double(video / max(1, grid.perTime)) * secondsPerGrid * rate <= Double(audio)
      },
      numberedAs: Self.merged(video, audio) {
        start + video[$0].offset.x <= start + Float($1)
      })
    layout.mark(.audioEnd)
    layout.mark(.visionEnd)
  }

  /// Merges video and audio tokens one by one, then appends the remaining ones.
  private static func merged(
    _ video: [PromptLayout.Piece], _ audio: [PromptLayout.Piece],
    isVideoNext: (Int, Int) -> Bool
  ) -> [[PromptLayout.Piece]] {
    var merged: [[PromptLayout.Piece]] = []
    var (v, a) = (0, 0)
    while v < video.count, a < audio.count {
      let isVideo = isVideoNext(v, a)
      merged.append([isVideo ? video[v] : audio[a]])
      if isVideo { v += 1 } else { a += 1 }
    }
    return merged + [Array(video[v...]), Array(audio[a...])]
  }
}
