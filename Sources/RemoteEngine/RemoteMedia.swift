import Basics
import OmniModel
import Selection
import Synchronization
import Tensors

/// Encoder outputs of a prompt, held by the engine.
final class RemoteMedia: Sendable {
  /// Properties of one piece of media.
  struct Piece: Sendable {
    let isAudio: Bool
    let seconds, flops: Double
    let tokens: Int
    /// Patches or frames that attend to each other in the last encoder layer, and the width of all heads.
    let units, attentionWidth: Int
  }

  private struct Content {
    let state: RemoteState
    let pieces: [Piece]
    /// Content hash of the prompt that they were encoded for.
    var embedding: SentEmbedding?
    /// Values for rules, requested ahead, by operation, piece and window.
    var asked: [Question: SentRequest] = [:]
  }

  /// Key of a value that a rule needs.
  struct Question: Hashable, Sendable {
    let op: String
    let piece, window: Int
  }

  /// Encoded pieces, in the order of their numbers in requests.
  let inputs: [EnginePrompt.Piece]
  private let content = Mutex<Content?>(nil)

  init(_ inputs: [EnginePrompt.Piece]) { self.inputs = inputs }

  func fill(_ state: RemoteState, _ pieces: [Piece], _ embedding: SentEmbedding) {
    content.withLock { $0 = Content(state: state, pieces: pieces, embedding: embedding) }
  }

  /// Takes the request for the embeddings of this prompt; nil if it was not sent.
  func embedding(of prompt: RemoteState) -> SentEmbedding? {
    content.withLock { content in
      guard let found = content?.embedding, found.prompt === prompt else { return nil }
      content?.embedding = nil
      return found
    }
  }

  func isExpected(_ question: Question) -> Bool {
    content.withLock { $0?.asked[question] != nil }
  }

  /// Stores requests that were sent ahead.
  func expect(_ asked: [Question: SentRequest]) { content.withLock { $0?.asked = asked } }

  /// Takes the request that was sent ahead for this value; nil if none was sent.
  func expected(_ question: Question) -> SentRequest? {
    content.withLock { $0?.asked.removeValue(forKey: question) }
  }

  var isKept: Bool { content.withLock { $0?.state }?.isKept ?? false }

  /// State number of the encoder outputs, for requests.
  /// - Throws: `EngineFault` if the engine no longer holds them.
  var number: Int {
    get throws {
      guard let state = content.withLock({ $0?.state }), state.isKept else {
        throw EngineFault(.restarted, reason: "")
      }
      return state.number
    }
  }

  func piece(_ index: Int) -> Piece? { content.withLock { $0?.pieces[index] } }

  /// - Parameter answer: the answer to the request `encode`.
  /// - Throws: `EngineFault`, or `PrefillError` for outputs that are not finite.
  static func pieces(_ answer: EngineFrame, of prompt: EnginePrompt) throws -> [Piece] {
    let stated = answer["pieces"]?.array ?? []
    guard stated.count == prompt.pieces.count else {
      throw EngineFault(.malformed, reason: "an answer to encode without its pieces")
    }
    return try zip(stated, zip(prompt.pieces, prompt.places)).map { stated, asked in
      let (piece, places) = asked
      if let fault = NumericFault(piece.modality.place, stated["fault"]) {
        throw PrefillError.broken(fault)
      }
      guard let seconds = stated["ms"]?.duration, let tokens = stated["tokens"]?.integer,
        let units = stated["units"]?.integer, let width = stated["attention_width"]?.integer,
        0...1 << 30 ~= units, 0...1 << 24 ~= width
      else { throw EngineFault(.malformed, reason: "an answer to encode without its sizes") }
      guard tokens == places.count else {
        throw EngineFault(
          .malformed,
          reason: "\(tokens) tokens of \(piece.modality.kind) instead of \(places.count)")
      }
      return Piece(
        isAudio: piece.modality == .audio, seconds: seconds,
        flops: max(0, stated["flops"]?.number ?? 0), tokens: tokens, units: units,
        attentionWidth: width)
    }
  }
}

extension Modality {
  /// Place of the encoder in error messages.
  var place: NumericFault.Place {
    switch self {
    case .video: .videoEncoder
    case .audio: .audioEncoder
    case .image, .text: .imageEncoder
    }
  }
}

/// Encoder outputs of one piece of media; attention, distances and features are requested from the engine.
struct RemoteTokens: EncodedTokens {
  let index: Int
  let pieces: [EnginePrompt.Piece]
  let media: RemoteMedia
  /// Width of the features.
  let width: Int
  let link: EngineLink
  let cancellation: Cancellation

  var features: Tensor {
    get throws {
      try asking {
        try ask("features").matrix("features", columns: width, rows: media.piece(index)?.tokens)
      }
    }
  }

  func attentionReceived(in windows: SelectionWindows) throws -> [Float] {
    try asking {
      try ask("attention", window: units(windows, pieces[index]))
        .floats("attention", media.piece(index)?.tokens ?? 0)
    }
  }

  func attentionFlops(in windows: SelectionWindows) -> Double {
    guard let piece = media.piece(index) else { return 0 }
    let window = units(windows, pieces[index])
    let (whole, rest) = (piece.units / window, piece.units % window)
    return 2 * Double(whole * window * window + rest * rest) * Double(piece.attentionWidth)
  }

  func keyMeans() throws -> Tensor {
    try asking { try ask("keys").matrix("keys", rows: media.piece(index)?.tokens) }
  }

  func distances(
    windowTokens: Int, in windows: SelectionWindows
  ) throws -> WindowDistances {
    try asking {
      try expectAll(windowTokens, windows)
      let tokens = media.piece(index)?.tokens ?? 0
      let sizes = stride(from: 0, to: tokens, by: windowTokens).map {
        min(windowTokens, tokens - $0)
      }
      let count = sizes.reduce(0) { $0 + $1 * ($1 + 1) / 2 }
      let triangles = try ask("distances", window: windowTokens)
        .floats("distances", count)
      return WindowDistances(tokens: tokens, width: width) { window in
        let before = window.lowerBound / windowTokens
        let start = before * (windowTokens * (windowTokens + 1) / 2)
        return Self.square(triangles[start...], window.count)
      }
    }
  }

  /// The symmetric matrix [n, n] of an upper triangle with its diagonal.
  private static func square(_ triangle: ArraySlice<Float>, _ n: Int) -> [Float] {
    var square = [Float](repeating: 0, count: n * n)
    var at = triangle.startIndex
    for row in 0..<n {
      for column in row..<n {
        square[row * n + column] = triangle[at]
        square[column * n + row] = triangle[at]
        at += 1
      }
    }
    return square
  }

  /// Number of encoder units in a window.
  private func units(_ windows: SelectionWindows, _ piece: EnginePrompt.Piece) -> Int {
    max(1, (piece.modality == .video ? windows.grids : windows.audioSeconds) * piece.unitsPerStep)
  }

  /// Requests the distances and attention of all pieces of this clip ahead of a rule that needs distances.
  private func expectAll(_ windowTokens: Int, _ windows: SelectionWindows) throws {
    guard !media.isExpected(.init(op: "distances", piece: index, window: windowTokens)) else {
      return
    }
    var asked: [RemoteMedia.Question: SentRequest] = [:]
    for (other, piece) in pieces.enumerated()
    where piece.clip == pieces[index].clip && piece.modality != .image && other >= index {
      guard let known = media.piece(other), known.tokens > 0 else { continue }
      let units = units(windows, piece)
      let tokens = other == index ? windowTokens : units / max(1, known.units / known.tokens)
      for (op, window) in [("distances", tokens), ("attention", units)] {
        asked[.init(op: op, piece: other, window: window)] = try send(
          op, piece: other, window: window)
      }
    }
    media.expect(asked)
  }

  private func send(_ op: String, piece: Int, window: Int? = nil) throws -> SentRequest {
    var header: [String: RequestValue] = [
      "media": .number(try media.number), "piece": .number(piece),
    ]
    header["window"] = window.map { .number($0) }
    return link.send(op, header)
  }

  private func ask(_ op: String, window: Int? = nil) throws -> EngineFrame {
    let expected = window.flatMap {
      media.expected(RemoteMedia.Question(op: op, piece: index, window: $0))
    }
    return try link.answer(expected ?? send(op, piece: index, window: window), cancellation)
  }

  private func asking<Value>(_ work: () throws -> Value) throws -> Value {
    do {
      return try work()
    } catch {
      throw PrefillError(ofEngine: error)
    }
  }
}
