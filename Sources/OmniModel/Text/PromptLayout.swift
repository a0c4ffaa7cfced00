import Selection
import Tensors

/// A stretch of the prompt.
enum PromptSegment: Sendable, Equatable {
  case text([Int])
  /// `tokens` audio tokens between their markers.
  case audio(tokens: Int)
  case image(TokenGrid)
  case video(TokenGrid, secondsPerGrid: Double)
  /// Video and audio interleaved chunk by chunk.
  case audioInVideo(TokenGrid, secondsPerGrid: Double, audioTokens: Int)
  /// What belongs to one clip, by its place among the clips of the conversation.
  case clip(Int, [PromptSegment])
}

extension PromptSegment {
  /// Whether it is laid out with such a token.
  func needs(_ token: SpecialToken) -> Bool {
    switch (self, token) {
    case (.text, _): false
    case (.image, .image), (.video, .video), (.audioInVideo, .video): true
    case (.image, .visionStart), (.video, .visionStart), (.audioInVideo, .visionStart): true
    case (.audio, .audio), (.audioInVideo, .audio): true
    case (.audio, .audioStart), (.audioInVideo, .audioStart): true
    default: false
    }
  }
}

/// Vision tokens after merging: times × rows × columns.
public struct TokenGrid: Sendable, Equatable {
  public let times, rows, columns: Int

  public init(times: Int, rows: Int, columns: Int) {
    self.times = times
    self.rows = rows
    self.columns = columns
  }

  public var count: Int { times * rows * columns }
  public var perTime: Int { rows * columns }
}

/// Where in its own modality of its clip a vision or audio token of the prompt comes from.
enum TokenSource: Sendable, Equatable {
  case text
  case audio(Int)
  case image(Int)
  case video(Int)

  /// The how-manieth of its modality in its clip; nil for text.
  var token: Int? {
    switch self {
    case .text: nil
    case .audio(let token), .image(let token), .video(let token): token
    }
  }
}

/// Ids, modalities and three-axis rotary positions of a prompt, laid out segment by segment. The
/// numbering always goes on from the piece laid out last.
struct PromptLayout: Sendable {
  struct Rules: Sendable {
    let family: ModelFamily
    let tokens: SpecialTokens
    let positionsPerSecond: Int
    let secondsPerChunk: Double

    /// Positions in a second and in a chunk by which the model numbers tokens.
    var numbering: Interleaving {
      Interleaving(positionsPerSecond: positionsPerSecond, secondsPerChunk: secondsPerChunk)
    }

    /// Those by which the processor puts them in order.
    var order: Interleaving {
      Interleaving(
        positionsPerSecond: family.interleavedPositionsPerSecond,
        secondsPerChunk: ModelFamily.interleavedSecondsPerChunk)
    }
  }

  struct Interleaving: Sendable {
    let positionsPerSecond: Int
    let secondsPerChunk: Double

    var positionsPerChunk: Int { Int(Double(positionsPerSecond) * secondsPerChunk) }
  }

  private(set) var ids: [Int] = []
  private(set) var sources: [TokenSource] = []
  /// The clip that each token comes from, from 0; nil for text.
  private(set) var clips: [Int?] = []
  /// (time, height, width) of each token.
  private(set) var positions: [SIMD3<Float>] = []
  private let rules: Rules
  /// Where the next segment's numbering starts: after the piece laid out last.
  private var next: Float = 0
  /// The clip that is being laid out.
  private var clip = 0

  init(_ segments: [PromptSegment], _ rules: Rules) {
    self.rules = rules
    for segment in segments { append(segment) }
  }

  var modalities: [Modality] {
    sources.map { source in
      switch source {
      case .text: .text
      case .image: .image
      case .audio: .audio
      case .video: .video
      }
    }
  }

  /// Largest position + 1: where decoding continues.
  var nextPosition: Float { (positions.map { $0.max() }.max() ?? -1) + 1 }

  private mutating func append(_ segment: PromptSegment) {
    let tokens = rules.tokens
    switch segment {
    case .text(let ids):
      for id in ids { mark(id) }
    case .audio(let count):
      mark(tokens.audioStart)
      lay(audioPieces(0..<count))
      mark(tokens.audioEnd)
    case .image(let grid):
      mark(tokens.visionStart)
      lay(visionPieces(grid, 0..<grid.count, tokens.image, TokenSource.image) { _ in 0 })
      mark(tokens.visionEnd)
    case .video(let grid, let seconds):
      mark(tokens.visionStart)
      lay(
        visionPieces(grid, 0..<grid.count, tokens.video, TokenSource.video) {
          time($0, seconds)
        })
      mark(tokens.visionEnd)
    case .audioInVideo(let grid, let seconds, let audioTokens):
      mark(pair: tokens.visionStart, tokens.audioStart)
      switch rules.family {
      case .qwen25: alternate(grid, seconds, audioTokens)
      case .qwen3: merge(grid, seconds, audioTokens)
      }
      mark(pair: tokens.audioEnd, tokens.visionEnd)
    case .clip(let index, let segments):
      clip = index
      for segment in segments { append(segment) }
    }
  }

  private mutating func mark(_ id: Int) {
    ids.append(id)
    sources.append(.text)
    clips.append(nil)
    positions.append(SIMD3(repeating: next))
    next += 1
  }

  private mutating func mark(pair first: Int, _ second: Int) {
    mark(first)
    if rules.family == .qwen25 { next -= 1 }
    mark(second)
  }

  private struct Piece {
    let id: Int
    let source: TokenSource
    /// Relative to the start of the segment.
    let offset: SIMD3<Float>
  }

  /// Lays pieces from `start`; the numbering goes on after the largest position among them.
  private mutating func lay(_ pieces: [Piece], start: Float? = nil) {
    let start = start ?? next
    var largest: Float?
    for piece in pieces {
      let position = piece.offset + SIMD3(repeating: start)
      ids.append(piece.id)
      sources.append(piece.source)
      clips.append(clip)
      positions.append(position)
      largest = max(largest ?? position.max(), position.max())
    }
    if let largest { next = largest + 1 }
  }

  private func audioPieces(_ range: Range<Int>) -> [Piece] {
    range.map {
      Piece(id: rules.tokens.audio, source: .audio($0), offset: SIMD3(repeating: Float($0)))
    }
  }

  private func visionPieces(
    _ grid: TokenGrid, _ range: Range<Int>, _ id: Int, _ source: (Int) -> TokenSource,
    time: (Int) -> Float
  ) -> [Piece] {
    range.map { index in
      let place = index % grid.perTime
      return Piece(
        id: id, source: source(index),
        offset: SIMD3(
          time(index / grid.perTime), Float(place / grid.columns), Float(place % grid.columns)))
    }
  }

  private func time(_ grid: Int, _ secondsPerGrid: Double) -> Float {
    let time = Float(grid) * Float(secondsPerGrid) * Float(rules.positionsPerSecond)
    return rules.family == .qwen25 ? time.rounded(.towardZero) : time
  }

  /// Tokens in order of time, video first where it is not later than the next audio token.
  private mutating func merge(_ grid: TokenGrid, _ seconds: Double, _ audioTokens: Int) {
    let start = next
    let rate = Double(rules.order.positionsPerSecond)
    let (video, audio) = pieces(grid, seconds, audioTokens)
    let order = merged(video, audio) { video, audio in
      Double(video / max(1, grid.perTime)) * seconds * rate <= Double(audio)
    }
    let numbered = merged(video, audio) { start + video[$0].offset.x <= start + Float($1) }
    lay(order, numberedAs: numbered)
  }

  /// Video and audio token by token, and what is left of one of them as a whole.
  private func merged(
    _ video: [Piece], _ audio: [Piece], isVideoNext: (Int, Int) -> Bool
  ) -> [[Piece]] {
    var merged: [[Piece]] = []
    var (v, a) = (0, 0)
    while v < video.count, a < audio.count {
      let isVideo = isVideoNext(v, a)
      merged.append([isVideo ? video[v] : audio[a]])
      if isVideo { v += 1 } else { a += 1 }
    }
    return merged + [Array(video[v...]), Array(audio[a...])]
  }

  /// Whole chunks of video and of audio in turn.
  private mutating func alternate(_ grid: TokenGrid, _ seconds: Double, _ audioTokens: Int) {
    let (video, audio) = pieces(grid, seconds, audioTokens)
    let order = rules.order
    let exact = { Double($0 / max(1, grid.perTime)) * seconds * Double(order.positionsPerSecond) }
    lay(
      chunks(video, audio, order, time: exact),
      numberedAs: chunks(video, audio, rules.numbering) { Double(video[$0].offset.x) })
  }

  private func pieces(
    _ grid: TokenGrid, _ seconds: Double, _ audioTokens: Int
  ) -> (video: [Piece], audio: [Piece]) {
    let video = visionPieces(grid, 0..<grid.count, rules.tokens.video, TokenSource.video) {
      time($0, seconds)
    }
    return (video, audioPieces(0..<audioTokens))
  }

  /// The published processor orders tokens by exact times, and the model numbers them by rounded
  /// ones: at a few rates the two part company, and so they do here.
  private mutating func lay(_ order: [[Piece]], numberedAs numbered: [[Piece]]) {
    let start = next
    var order = order.joined().makeIterator()
    for chunk in numbered {
      let pieces = chunk.compactMap { numbered in
        order.next().map { Piece(id: $0.id, source: $0.source, offset: numbered.offset) }
      }
      lay(pieces, start: start)
    }
  }

  /// Video and audio in turn, cut where their time passes the end of a chunk.
  private func chunks(
    _ video: [Piece], _ audio: [Piece], _ rate: Interleaving, time: (Int) -> Double
  ) -> [[Piece]] {
    let chunk = rate.positionsPerChunk
    let video = cuts(video.count, chunk, time).map { Array(video[$0]) }
    let audio = cuts(audio.count, chunk) { Double($0) }.map { Array(audio[$0]) }
    return (0..<max(video.count, audio.count)).flatMap { index in
      [video, audio].compactMap { index < $0.count ? $0[index] : nil }
    }
  }

  /// A token opens at most one chunk, so times longer than a chunk fall behind for a while, as
  /// published.
  private func cuts(_ count: Int, _ chunk: Int, _ time: (Int) -> Double) -> [Range<Int>] {
    var cuts: [Range<Int>] = []
    var start = 0
    for index in 0..<count
    where time(index) >= Double((cuts.count + 1) * chunk) {
      cuts.append(start..<index)
      start = index
    }
    return cuts + [start..<count]
  }
}
