/// The temporal windows of a sequence, computed from the remaining tokens: the i-th run of
/// consecutive video tokens is paired with the i-th run of audio tokens. Additional runs become
/// windows of one modality.
///
/// `T V V A A V A T` has the windows (1…2, 3…4) and (5, 6).
///
/// With several clips, runs are counted and paired within each clip, so that no window contains two
/// clips; the windows of the first clip come first.
public struct TemporalWindows: Sendable, Equatable {
  /// A run of video tokens and its paired run of audio tokens; either may be empty.
  public struct Window: Sendable, Equatable {
    /// Offsets of the video tokens in the sequence.
    public let video: Range<Int>
    public let audio: Range<Int>

    /// Offsets of one modality; empty for text.
    public subscript(modality: Modality) -> Range<Int> {
      switch modality {
      case .video: video
      case .audio: audio
      case .text, .image: 0..<0
      }
    }
  }

  public let windows: [Window]

  /// Finds the windows of a sequence.
  /// - Parameter clips: index of each token's clip, nil for text; empty if there is one clip.
  public init(_ modalities: [Modality], clips: [Int?] = []) {
    precondition(clips.isEmpty || clips.count == modalities.count, "\(clips.count) clips")
    let video = Self.runs(of: .video, in: modalities, clips)
    let audio = Self.runs(of: .audio, in: modalities, clips)
    let order = (video + audio).sorted { $0.range.lowerBound < $1.range.lowerBound }.map(\.clip)
    windows = order.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }.flatMap { clip in
      Self.paired(
        video.filter { $0.clip == clip }.map(\.range), audio.filter { $0.clip == clip }.map(\.range)
      )
    }
  }

  private static func paired(_ video: [Range<Int>], _ audio: [Range<Int>]) -> [Window] {
    (0..<max(video.count, audio.count)).map { index in
      Window(
        video: index < video.count ? video[index] : 0..<0,
        audio: index < audio.count ? audio[index] : 0..<0)
    }
  }

  private typealias Run = (range: Range<Int>, clip: Int?)

  private static func runs(
    of modality: Modality, in modalities: [Modality], _ clips: [Int?]
  ) -> [Run] {
    var runs: [Run] = []
    for (offset, found) in modalities.enumerated() where found == modality {
      let clip = clips.isEmpty ? nil : clips[offset]
      if let last = runs.last, last.range.upperBound == offset, last.clip == clip {
        runs[runs.count - 1].range = last.range.lowerBound..<offset + 1
      } else {
        runs.append((offset..<offset + 1, clip))
      }
    }
    return runs
  }
}
