/// The temporal windows of a sequence, found again from the tokens that are left: the i-th run of
/// consecutive video tokens is paired with the i-th run of audio tokens; surplus runs stand alone.
///
/// `T V V A A V A T` has the windows (1…2, 3…4) and (5, 6).
public struct TemporalWindows: Sendable, Equatable {
  /// A run of video tokens and the run of audio tokens paired with it; either may be empty.
  public struct Window: Sendable, Equatable {
    /// Offsets into the sequence.
    public let video: Range<Int>
    public let audio: Range<Int>

    /// The run of one modality; empty for text.
    public subscript(modality: Modality) -> Range<Int> {
      switch modality {
      case .video: video
      case .audio: audio
      case .text, .image: 0..<0
      }
    }
  }

  public let windows: [Window]

  public init(_ modalities: [Modality]) {
    let video = Self.runs(of: .video, in: modalities)
    let audio = Self.runs(of: .audio, in: modalities)
    windows = (0..<max(video.count, audio.count)).map { index in
      Window(
        video: index < video.count ? video[index] : 0..<0,
        audio: index < audio.count ? audio[index] : 0..<0)
    }
  }

  private static func runs(of modality: Modality, in modalities: [Modality]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start: Int?
    for (offset, found) in modalities.enumerated() {
      if found == modality {
        start = start ?? offset
      } else if let first = start {
        runs.append(first..<offset)
        start = nil
      }
    }
    if let start { runs.append(start..<modalities.count) }
    return runs
  }
}
