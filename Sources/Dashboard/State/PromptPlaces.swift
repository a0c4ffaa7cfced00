import Profiling
import Selection

/// Where the tokens of a prompt come from: the how-manieth of its modality each is, the seconds it
/// stands for, and its row and column in the picture.
struct PromptPlaces: Sendable, Equatable {
  let modalities: [Modality]
  /// Positions in the prompt of each modality's tokens, ascending; `text` holds those of images too.
  let text, video, audio: [Int]
  /// The how-manieth of its modality a position holds.
  private let ordinals: [Int]
  /// Rows and columns of a temporal grid; one row where no pictures are known.
  let rows, columns: Int
  let secondsPerGrid, secondsPerAudioToken: Double

  init(_ subject: RunSubject) {
    modalities = subject.prompt.modalities
    var positions: [Modality: [Int]] = [:]
    ordinals = modalities.enumerated().map { position, modality in
      let strip = modality == .image ? .text : modality
      positions[strip, default: []].append(position)
      return (positions[strip]?.count ?? 1) - 1
    }
    text = positions[.text] ?? []
    video = positions[.video] ?? []
    audio = positions[.audio] ?? []
    let pictures = subject.media.video
    let known = PlacedTokens(subject.prompt)
    columns = pictures?.columns ?? known.columns ?? max(1, subject.prompt.tokensPerGrid)
    rows = pictures?.rows ?? max(1, subject.prompt.tokensPerGrid / columns)
    secondsPerGrid = pictures?.secondsPerGrid ?? known.secondsPerGrid ?? 1
    secondsPerAudioToken =
      subject.media.audio?.secondsPerToken ?? known.secondsPerAudioToken ?? 0.04
  }

  var tokensPerGrid: Int { rows * columns }
  var grids: Int { (video.count + tokensPerGrid - 1) / tokensPerGrid }

  /// Seconds from the start of the clip to the end of its last token.
  var seconds: Double {
    max(Double(grids) * secondsPerGrid, Double(audio.count) * secondsPerAudioToken)
  }

  func positions(of modality: Modality) -> [Int] {
    switch modality {
    case .text, .image: text
    case .video: video
    case .audio: audio
    }
  }

  /// What the tokens of `text` spell, those of images by name; empty where it was not recorded.
  /// - Parameter spelled: of each text token, images left out.
  func pieces(_ spelled: [String]) -> [String] {
    guard !spelled.isEmpty else { return [] }
    var rest = spelled[...]
    return text.map { modalities[$0] == .image ? "[image]" : rest.popFirst() ?? "" }
  }

  /// The how-manieth of its modality a position holds, from 0.
  func ordinal(_ position: Int) -> Int { ordinals[position] }

  /// The seconds of the clip a token stands for; nil for text.
  func seconds(_ position: Int) -> Range<Double>? {
    let ordinal = ordinals[position]
    switch modalities[position] {
    case .text, .image: return nil
    case .audio:
      return Double(ordinal) * secondsPerAudioToken..<Double(ordinal + 1) * secondsPerAudioToken
    case .video:
      let grid = ordinal / tokensPerGrid
      return Double(grid) * secondsPerGrid..<Double(grid + 1) * secondsPerGrid
    }
  }

  /// From the first token's start to the last one's end; nil where they have no time.
  /// - Parameter positions: of one modality, ascending, as their times are.
  func seconds(_ positions: some BidirectionalCollection<Int>) -> Range<Double>? {
    guard let first = positions.first.flatMap({ seconds($0) }),
      let last = positions.last.flatMap({ seconds($0) })
    else { return nil }
    return min(first.lowerBound, last.lowerBound)..<max(first.upperBound, last.upperBound)
  }
}

/// What the places of single tokens say of all: for runs that bring no pictures.
private struct PlacedTokens {
  let columns: Int?
  let secondsPerGrid, secondsPerAudioToken: Double?

  init(_ prompt: PromptSummary) {
    let video = prompt.tokens.filter { $0.modality == .video }
    let audio = prompt.tokens.filter { $0.modality == .audio }
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
  /// The whole part, kept within what no clip reaches: numbers of other programs come in too.
  init(bounded value: Double) {
    self = value.isNaN ? 0 : Int(Swift.min(1e9, Swift.max(-1e9, value)))
  }
}

extension Measure {
  /// Seconds from, to: `4.0–6.0`, and whole ones in long clips.
  static func span(_ seconds: Range<Double>) -> String {
    let digits = seconds.upperBound < 99.95 ? 1 : 0
    return "\(decimal(seconds.lowerBound, digits))–\(decimal(seconds.upperBound, digits))"
  }
}
