import Reports
import Runs
import Selection

/// Sources of the prompt's tokens: clip, index within the modality, time range, and row and column
/// in the frame.
struct TokenSources: Sendable, Equatable {
  let modalities: [Modality]
  /// Index of the clip of each token, nil for text; empty if there is at most one clip.
  let clipOfToken: [Int?]
  /// Prompt positions of text and image tokens, ascending.
  let text: [Int]
  /// Clips in prompt order; never empty.
  let clips: [ClipSources]
  /// Index of each position within its modality and clip.
  private let ordinals: [Int]
  /// Index of each position within its modality in the whole prompt.
  private let ordinalsInPrompt: [Int]

  init(_ subject: RunSubject) {
    modalities = subject.prompt.modalities
    ordinalsInPrompt = modalities.ordinals
    clipOfToken = subject.prompt.clipOfToken
    let count = max(1, subject.prompt.clips.count)
    var text: [Int] = []
    var (video, audio) = (
      [[Int]](repeating: [], count: count), [[Int]](repeating: [], count: count)
    )
    var ordinals: [Int] = []
    for (position, modality) in modalities.enumerated() {
      let clip = clipOfToken.isEmpty ? 0 : clipOfToken[position] ?? 0
      switch modality {
      case .text, .image: ordinals.append(Self.add(position, to: &text))
      case .video: ordinals.append(Self.add(position, to: &video[clip]))
      case .audio: ordinals.append(Self.add(position, to: &audio[clip]))
      }
    }
    self.text = text
    self.ordinals = ordinals
    clips = (0..<count).map { ClipSources(subject, $0, video: video[$0], audio: audio[$0]) }
  }

  private static func add(_ position: Int, to positions: inout [Int]) -> Int {
    positions.append(position)
    return positions.count - 1
  }

  /// The clip of a position; for text, of the token before it.
  func clip(of position: Int) -> ClipSources {
    guard !clipOfToken.isEmpty else { return clips[0] }
    let known =
      clipOfToken[position] ?? clipOfToken[..<position].lazy.reversed().compactMap { $0 }.first
    return clips[known ?? 0]
  }

  /// Temporal windows of some positions.
  /// - Parameter positions: positions in the prompt, ascending.
  func windows(of positions: [Int]) -> [TemporalWindows.Window] {
    TemporalWindows(
      positions.map { modalities[$0] },
      clips: clipOfToken.isEmpty ? [] : positions.map { clipOfToken[$0] }
    ).windows
  }

  /// Positions of the same modality and clip; for text, all text positions of the prompt.
  func positions(like position: Int) -> [Int] {
    switch modalities[position] {
    case .text, .image: text
    case .video: clip(of: position).video
    case .audio: clip(of: position).audio
    }
  }

  /// Text of each position in `text`, with a name for image tokens; empty if texts were not
  /// recorded.
  /// - Parameter spelled: text of each text token, without images.
  func pieces(_ spelled: [String]) -> [String] {
    guard !spelled.isEmpty else { return [] }
    var rest = spelled[...]
    return text.map { modalities[$0] == .image ? "[image]" : rest.popFirst() ?? "" }
  }

  /// Index of a position within its modality and clip, from 0.
  func ordinal(_ position: Int) -> Int { ordinals[position] }

  /// Index of a position within its modality in the whole prompt, from 0.
  func ordinalInPrompt(_ position: Int) -> Int { ordinalsInPrompt[position] }

  /// Time range of a token, in seconds; nil for text.
  func seconds(_ position: Int) -> Range<Double>? {
    let (ordinal, clip) = (ordinals[position], clip(of: position))
    switch modalities[position] {
    case .text, .image: return nil
    case .audio:
      let each = clip.secondsPerAudioToken
      return Double(ordinal) * each..<Double(ordinal + 1) * each
    case .video:
      let (grid, each) = (ordinal / clip.tokensPerGrid, clip.secondsPerGrid)
      return Double(grid) * each..<Double(grid + 1) * each
    }
  }

  /// Time range of several tokens, in seconds; nil if unknown.
  /// - Parameter positions: positions of one modality, ascending, so that their times ascend too.
  func seconds(_ positions: some BidirectionalCollection<Int>) -> Range<Double>? {
    guard let first = positions.first.flatMap({ seconds($0) }),
      let last = positions.last.flatMap({ seconds($0) })
    else { return nil }
    return min(first.lowerBound, last.lowerBound)..<max(first.upperBound, last.upperBound)
  }
}

/// Positions of the video and audio tokens of one clip, and the size of its token grid.
struct ClipSources: Sendable, Equatable {
  /// Index of the clip, from 0.
  let index: Int
  /// Prompt positions of the video and of the audio tokens, ascending.
  let video, audio: [Int]
  /// Rows and columns of a temporal grid; one row if there are no pictures.
  let rows, columns: Int
  let secondsPerGrid, secondsPerAudioToken: Double
  /// Whether thumbnails of the clip are known.
  let hasPictures: Bool

  init(_ subject: RunSubject, _ index: Int, video: [Int], audio: [Int]) {
    (self.index, self.video, self.audio) = (index, video, audio)
    let media = subject.media.clips
    let own = media.indices.contains(index) ? media[index] : ClipMedia()
    let shapes = subject.prompt.clips
    let perGrid =
      shapes.indices.contains(index)
      ? shapes[index].tokensPerGrid : subject.prompt.tokensPerGrid
    let known = PlacedTokens(subject.prompt, video, audio)
    columns = own.video?.columns ?? known.columns ?? max(1, perGrid)
    rows = own.video?.rows ?? max(1, perGrid / columns)
    secondsPerGrid = own.video?.secondsPerGrid ?? known.secondsPerGrid ?? 1
    secondsPerAudioToken = own.audio?.secondsPerToken ?? known.secondsPerAudioToken ?? 0.04
    hasPictures = own.video != nil
  }

  var tokensPerGrid: Int { rows * columns }
  var grids: Int { (video.count + tokensPerGrid - 1) / tokensPerGrid }

  /// Seconds from the start of the clip to the end of its last token.
  var seconds: Double {
    max(Double(grids) * secondsPerGrid, Double(audio.count) * secondsPerAudioToken)
  }

  /// Prompt position of the clip's first token; nil for an image.
  var first: Int? { [video.first, audio.first].compactMap { $0 }.min() }
}

/// Grid sizes computed from the tokens, for recordings without thumbnails.
private struct PlacedTokens {
  let columns: Int?
  let secondsPerGrid, secondsPerAudioToken: Double?

  init(_ prompt: PromptSummary, _ videoPositions: [Int], _ audioPositions: [Int]) {
    let tokens = { (positions: [Int]) in
      prompt.tokens.isEmpty ? [] : positions.map { prompt.tokens[$0] }
    }
    let (video, audio) = (tokens(videoPositions), tokens(audioPositions))
    columns = video.compactMap(\.column).max().map { min($0, max(0, video.count - 1)) + 1 }
    secondsPerGrid = Self.step(video.first?.seconds, video.first { $0.grid == 1 }?.seconds)
    secondsPerAudioToken = Self.step(audio.first?.seconds, audio.dropFirst().first?.seconds)
  }

  private static func step(_ first: Double?, _ next: Double?) -> Double? {
    guard let first, let next, next - first > 1e-9 else { return nil }
    return next - first
  }
}

extension Int {
  /// The integer part of a number, limited to the range of integers, because values of traces are
  /// untrusted.
  init(bounded value: Double) {
    self = value.isNaN ? 0 : Int(Swift.min(1e9, Swift.max(-1e9, value)))
  }
}

extension Measure {
  /// A time range as text, without decimals in long clips: `4.0–6.0`.
  static func span(_ seconds: Range<Double>) -> String {
    let digits = seconds.upperBound < 99.95 ? 1 : 0
    return "\(decimal(seconds.lowerBound, digits))–\(decimal(seconds.upperBound, digits))"
  }
}
