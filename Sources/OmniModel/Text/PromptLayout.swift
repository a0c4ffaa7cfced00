import Selection
import Tensors

/// A segment of the prompt: text or the tokens of a medium.
enum PromptSegment: Sendable, Equatable {
  case text([Int])
  /// `tokens` audio tokens between a start and an end marker.
  case audio(tokens: Int)
  case image(TokenGrid)
  case video(TokenGrid, secondsPerGrid: Double)
  /// Interleaved tokens of a video and its audio.
  case audioInVideo(TokenGrid, secondsPerGrid: Double, audioTokens: Int)
  /// The segments of one clip, by its index in the conversation.
  /// - `isOpened`: whether the preceding text already contains the text that the model family puts
  ///   before a video.
  case clip(Int, [PromptSegment], isOpened: Bool = false)
}

extension PromptSegment {
  /// Whether the segment needs this special token.
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

/// The shape of vision tokens after merging: times × rows × columns.
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

/// The encoder output that a prompt token stands for, by its index within the clip.
enum TokenSource: Sendable, Equatable {
  case text
  case audio(Int)
  case image(Int)
  case video(Int)

  /// Index of the token within its modality and clip, from 0; nil for text.
  var token: Int? {
    switch self {
    case .text: nil
    case .audio(let token), .image(let token), .video(let token): token
    }
  }
}

/// Token ids, modalities and three-axis rotary positions of a prompt, appended segment by segment.
/// Each segment's positions continue after the largest position before it.
struct PromptLayout: Sendable {
  struct Rules: Sendable {
    let family: any FamilyDefinition
    let tokens: SpecialTokens
    let positionsPerSecond: Int
    let secondsPerChunk: Double
    /// Encodes text that a model family inserts between tokens.
    let encode: @Sendable (String) -> [Int]
    /// Seconds from the start of the video to each temporal grid, for each clip.
    var gridTimes: [[Double]] = []
  }

  private(set) var ids: [Int] = []
  private(set) var sources: [TokenSource] = []
  /// Index of each token's clip, from 0; nil for text.
  private(set) var clips: [Int?] = []
  /// Rotary position (time, height, width) of each token.
  private(set) var positions: [SIMD3<Float>] = []
  let rules: Rules
  /// Rotary position at which the next segment starts.
  private(set) var next: Float = 0
  /// Index of the clip whose tokens are being appended.
  private var clip = 0
  /// Whether the text before the clip's video is already written.
  private var isOpened = false

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

  /// Largest position + 1: the rotary position of the first decoded token.
  var nextPosition: Float { (positions.map { $0.max() }.max() ?? -1) + 1 }

  private mutating func append(_ segment: PromptSegment) {
    switch segment {
    case .text(let ids):
      write(ids)
    case .audio(let count):
      mark(.audioStart)
      lay(audioPieces(count))
      mark(.audioEnd)
    case .image(let grid):
      mark(.visionStart)
      lay(visionPieces(grid, .image, TokenSource.image) { _ in 0 })
      mark(.visionEnd)
    case .video(let grid, let seconds):
      if !isOpened { write(rules.family.opening(gridTimes: gridTimes)) }
      rules.family.layOut(grid, secondsPerGrid: seconds, on: &self)
    case .audioInVideo(let grid, let seconds, let audioTokens):
      rules.family.audio?.layOut(
        grid, secondsPerGrid: seconds, audioTokens: audioTokens, on: &self)
    case .clip(let index, let segments, let isOpened):
      clip = index
      self.isOpened = isOpened
      for segment in segments { append(segment) }
    }
  }

  /// Seconds from the start of the current clip's video to each temporal grid.
  var gridTimes: [Double] { rules.gridTimes.indices.contains(clip) ? rules.gridTimes[clip] : [] }

  /// Appends text that a model family inserts between tokens.
  mutating func write(_ text: String) { write(rules.encode(text)) }

  private mutating func write(_ text: [Int]) {
    for id in text { mark(id) }
  }

  private mutating func mark(_ id: Int) {
    ids.append(id)
    sources.append(.text)
    clips.append(nil)
    positions.append(SIMD3(repeating: next))
    next += 1
  }

  /// Appends a marker token.
  /// - Parameter sharesPosition: whether it has the same position as the token before it.
  mutating func mark(_ token: SpecialToken, sharesPosition: Bool = false) {
    guard let id = rules.tokens[token] else { return }
    if sharesPosition { next -= 1 }
    mark(id)
  }

  struct Piece {
    let id: Int
    let source: TokenSource
    /// Rotary position relative to the start of the segment.
    let offset: SIMD3<Float>
  }

  /// Appends tokens with positions relative to `start`; later positions continue after the largest.
  mutating func lay(_ pieces: [Piece], start: Float? = nil) {
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

  /// Appends tokens in one order with positions computed in another: the published processor orders
  /// by exact times, but the model computes positions from rounded times, which differ at a few
  /// frame rates.
  mutating func lay(_ order: [[Piece]], numberedAs numbered: [[Piece]]) {
    let start = next
    var order = order.joined().makeIterator()
    for chunk in numbered {
      let pieces = chunk.compactMap { numbered in
        order.next().map { Piece(id: $0.id, source: $0.source, offset: numbered.offset) }
      }
      lay(pieces, start: start)
    }
  }

  func audioPieces(_ count: Int) -> [Piece] {
    guard let id = rules.tokens[.audio] else { return [] }
    return (0..<count).map {
      Piece(id: id, source: .audio($0), offset: SIMD3(repeating: Float($0)))
    }
  }

  func videoPieces(_ grid: TokenGrid, _ secondsPerGrid: Double) -> [Piece] {
    visionPieces(grid, .video, TokenSource.video) { time in
      rules.family.position(
        ofGrid: time, secondsPerGrid: secondsPerGrid, positionsPerSecond: rules.positionsPerSecond)
    }
  }

  private func visionPieces(
    _ grid: TokenGrid, _ token: SpecialToken, _ source: (Int) -> TokenSource, time: (Int) -> Float
  ) -> [Piece] {
    guard let id = rules.tokens[token] else { return [] }
    return (0..<grid.count).map { index in
      let place = index % grid.perTime
      return Piece(
        id: id, source: source(index),
        offset: SIMD3(
          time(index / grid.perTime), Float(place / grid.columns), Float(place % grid.columns)))
    }
  }
}
