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
    /// Empty until the encoders have run.
    var pieces: [Piece] = []
    /// The embeddings of the prompt that they were encoded for.
    var embedding: SentEmbedding?
    /// Requested values, kept up to `mostKept` bytes: encoder outputs never change.
    var asked: [Question: SentRequest] = [:]
    var keptBytes = 0
  }

  /// A value that a rule reads.
  struct Question: Hashable, Sendable {
    let op: String
    let piece: Int
    /// Length of the windows, in the unit of the operation; nil for operations without windows.
    let window: Int?

    init(op: String, piece: Int, window: Int? = nil) {
      (self.op, self.piece, self.window) = (op, piece, window)
    }

    init(_ need: EncoderNeed, _ index: Int, _ piece: EnginePrompt.Piece) {
      switch need {
      case .features: self.init(op: "features", piece: index)
      case .keyMeans: self.init(op: "keys", piece: index)
      case .attention(let windows):
        self.init(op: "attention", piece: index, window: piece.units(in: windows))
      case .distances(let windows):
        self.init(
          op: "distances", piece: index,
          window: piece.modality == .video
            ? windows.grids * piece.tokensPerGrid : windows.audioTokens)
      }
    }
  }

  /// Maximum bytes of answers that are kept, so that a rule with other ratios reads them without a request.
  private static let mostKept = 1 << 30

  /// Encoded pieces, in the order of their numbers in requests.
  let inputs: [EnginePrompt.Piece]
  private let content = Mutex<Content?>(nil)

  init(_ inputs: [EnginePrompt.Piece]) { self.inputs = inputs }

  /// Sets the state that the engine is to fill.
  func expect(_ state: RemoteState) { content.withLock { $0 = Content(state: state) } }

  func fill(_ state: RemoteState, _ pieces: [Piece], _ embedding: SentEmbedding) {
    content.withLock { content in
      guard content?.state === state else { return }
      content?.pieces = pieces
      content?.embedding = embedding
    }
  }

  /// Forgets the state: the encoders failed.
  func clear() { content.withLock { $0 = nil } }

  /// Sends the questions that were not sent before.
  func ask(_ questions: [Question], _ link: EngineLink) {
    for question in questions { _ = request(question, link) }
  }

  private func request(_ question: Question, _ link: EngineLink) -> SentRequest? {
    content.withLock { content in
      guard let media = content?.state else { return nil }
      if let sent = content?.asked[question] { return sent }
      var header: [String: RequestValue] = [
        "media": .number(media.number), "piece": .number(question.piece),
      ]
      header["window"] = question.window.map { .number($0) }
      let sent = link.send(question.op, header)
      content?.asked[question] = sent
      return sent
    }
  }

  /// The answer to a question.
  func answer(
    _ question: Question, _ link: EngineLink, _ cancellation: Cancellation
  ) throws -> EngineFrame {
    guard isKept, let sent = request(question, link) else {
      throw EngineFault(.restarted, reason: "")
    }
    do {
      let isKnown = sent.answer.isRead
      let answer = try link.answer(sent, cancellation)
      if !isKnown { keep(question, answer.bytes) }
      return answer
    } catch {
      forget(question)
      throw error
    }
  }

  /// Counts an answer as kept, or forgets it if too many bytes are kept.
  private func keep(_ question: Question, _ bytes: Int) {
    content.withLock { content in
      guard let kept = content?.keptBytes else { return }
      if kept + bytes > Self.mostKept {
        content?.asked[question] = nil
      } else {
        content?.keptBytes = kept + bytes
      }
    }
  }

  private func forget(_ question: Question) {
    content.withLock { $0?.asked[question] = nil }
  }

  /// Takes the request for the embeddings of this prompt; nil if it was not sent.
  func embedding(of prompt: RemoteState) -> SentEmbedding? {
    content.withLock { content in
      guard let found = content?.embedding, found.prompt === prompt else { return nil }
      content?.embedding = nil
      return found
    }
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

  func piece(_ index: Int) -> Piece? {
    content.withLock { content in
      content.flatMap { $0.pieces.indices.contains(index) ? $0.pieces[index] : nil }
    }
  }

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

extension EnginePrompt.Piece {
  /// Number of encoder units in a window.
  func units(in windows: SelectionWindows) -> Int {
    max(1, (modality == .video ? windows.grids : windows.audioSeconds) * unitsPerStep)
  }
}

extension EngineFrame {
  /// Bytes of all tensors.
  var bytes: Int { tensors.values.reduce(0) { $0 + $1.bytes.count } }
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
        try ask(.features).matrix("features", columns: width, rows: media.piece(index)?.tokens)
      }
    }
  }

  func attentionReceived(in windows: SelectionWindows) throws -> [Float] {
    try asking {
      try ask(.attention(windows))
        .floats("attention", media.piece(index)?.tokens ?? 0)
    }
  }

  func attentionFlops(in windows: SelectionWindows) -> Double {
    guard let piece = media.piece(index) else { return 0 }
    let window = pieces[index].units(in: windows)
    let (whole, rest) = (piece.units / window, piece.units % window)
    return 2 * Double(whole * window * window + rest * rest) * Double(piece.attentionWidth)
  }

  func keyMeans() throws -> Tensor {
    try asking { try ask(.keyMeans).matrix("keys", rows: media.piece(index)?.tokens) }
  }

  func distances(
    windowTokens: Int, in windows: SelectionWindows
  ) throws -> WindowDistances {
    try asking {
      let tokens = media.piece(index)?.tokens ?? 0
      let sizes = stride(from: 0, to: tokens, by: windowTokens).map {
        min(windowTokens, tokens - $0)
      }
      let count = sizes.reduce(0) { $0 + $1 * ($1 + 1) / 2 }
      let triangles = try ask(
        RemoteMedia.Question(op: "distances", piece: index, window: windowTokens)
      ).floats("distances", count)
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

  private func ask(_ question: RemoteMedia.Question) throws -> EngineFrame {
    try media.answer(question, link, cancellation)
  }

  private func ask(_ need: EncoderNeed) throws -> EngineFrame {
    try ask(RemoteMedia.Question(need, index, pieces[index]))
  }

  private func asking<Value>(_ work: () throws -> Value) throws -> Value {
    do {
      return try work()
    } catch {
      throw PrefillError(ofEngine: error)
    }
  }
}
