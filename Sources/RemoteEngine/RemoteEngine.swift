import Basics
import OmniModel
import Selection
import Synchronization
import Tensors

/// An engine that runs the model in another process; hidden states, keys and values stay there.
///
/// Layers up to the next drop are requested at once; their answers arrive one by one.
struct RemoteEngine: PrefillEngine {
  let prompt: EnginePrompt
  let link: EngineLink
  let facts: EngineFacts
  /// The prompt as sent to the engine, with its answer.
  private let kept = RemoteSlot<(state: RemoteState, request: SentRequest)>()
  private let ahead = LayersAhead()

  init(_ prompt: EnginePrompt, _ link: EngineLink, _ facts: EngineFacts) {
    (self.prompt, self.link, self.facts) = (prompt, link, facts)
  }

  var layerCount: Int { facts.layers }
  var hiddenBytesPerToken: Int { prompt.decoder.hiddenSize * facts.bytesPerNumber }
  var keyValueBytesPerToken: Int { 2 * prompt.decoder.keyValueWidth * facts.bytesPerNumber }

  /// Never throws: only the engine knows its free memory.
  func checkMemory(snapshotBytes: Int) throws(PrefillError) {}

  func encode(
    reusing earlier: EncodedMedia?, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedMedia {
    try encode(reusing: earlier, before: nil, cancellation)
  }

  func encode(
    reusing earlier: EncodedMedia?, before rule: (any EncoderRule)?, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedMedia {
    if let earlier, let held = held(earlier) { return held }
    let media = RemoteMedia(prompt.pieces)
    let pieces = try engine {
      try link.start(cancellation)
      return try encode(into: media, before: rule, cancellation)
    }
    func use(_ isAudio: Bool) -> EncoderUse {
      let pieces = pieces.filter { $0.isAudio == isAudio }
      return EncoderUse(
        computed: pieces.count, seconds: pieces.reduce(0) { $0 + $1.seconds })
    }
    var made = EncodedMedia(
      state: EngineState(media), vision: use(false), audio: use(true),
      flops: pieces.reduce(0) { $0 + $1.flops })
    made.seconds = made.vision.seconds + made.audio.seconds
    return made
  }

  /// Encoder outputs of the same media, if the engine still holds them.
  private func held(_ earlier: EncodedMedia) -> EncodedMedia? {
    let media = earlier.state.value(as: RemoteMedia.self)
    guard media.isKept, media.inputs == prompt.pieces else { return nil }
    let sounds = prompt.pieces.count { $0.modality == .audio }
    var made = EncodedMedia(
      state: earlier.state, vision: EncoderUse(held: prompt.pieces.count - sounds),
      audio: EncoderUse(held: sounds), flops: 0)
    made.seconds = 0
    return made
  }

  /// Runs the encoders; their outputs stay with the engine, and `media` refers to them. The embeddings of the prompt
  /// are requested at the same time.
  private func encode(
    into media: RemoteMedia, before rule: (any EncoderRule)?, _ cancellation: Cancellation
  ) throws -> [RemoteMedia.Piece] {
    let (prompt, state) = (sentPrompt(), RemoteState(link))
    let tensors = self.prompt.pieces.enumerated().flatMap { facts.tensors(of: $1, index: $0) }
    let pieces = self.prompt.pieces.map { piece -> RequestValue in
      var object = ["kind": RequestValue.text(piece.modality.kind)]
      if let grid = piece.grid {
        object["grid"] = .list([.number(grid.times), .number(grid.rows), .number(grid.columns)])
      }
      return .object(object)
    }
    let request = link.send(
      "encode", ["media": .number(state.number), "pieces": .list(pieces)], tensors)
    let embedding = send(embedding: prompt.state, state.number)
    media.expect(state)
    if let rule { media.ask(questions(of: rule), link) }
    do {
      _ = try link.answer(prompt.request, cancellation)
      let made = try RemoteMedia.pieces(link.answer(request, cancellation), of: self.prompt)
      media.fill(state, made, embedding)
      return made
    } catch {
      media.clear()
      throw error
    }
  }

  func expect(_ rule: any EncoderRule, of media: EncodedMedia) {
    let media = media.state.value(as: RemoteMedia.self)
    if media.isKept { media.ask(questions(of: rule), link) }
  }

  /// The values that a rule reads of the encoder outputs.
  private func questions(of rule: any EncoderRule) -> [RemoteMedia.Question] {
    prompt.pieces.enumerated().flatMap { index, piece in
      rule.needs(piece.modality).map { RemoteMedia.Question($0, index, piece) }
    }
  }

  func embed(_ media: EncodedMedia) throws(PrefillError) -> EngineState {
    let remote = media.state.value(as: RemoteMedia.self)
    return try engine {
      try link.start()
      // A restarted engine has lost the encoder outputs.
      if !remote.isKept { _ = try encode(into: remote, before: nil, Cancellation()) }
      let prompt = sentPrompt()
      let sent =
        try remote.embedding(of: prompt.state) ?? send(embedding: prompt.state, remote.number)
      _ = try link.answer(prompt.request, Cancellation())
      try Self.check(link.answer(sent.request, Cancellation()), .embedding)
      return EngineState(sent.output)
    }
  }

  func keeps(_ media: EncodedMedia) -> Bool { media.state.value(as: RemoteMedia.self).isKept }

  private func send(embedding prompt: RemoteState, _ media: Int) -> SentEmbedding {
    let output = RemoteState(link)
    let request = link.send(
      "embed",
      [
        "prompt": .number(prompt.number), "media": .number(media),
        "output": .number(output.number),
      ])
    return SentEmbedding(prompt: prompt, output: output, request: request)
  }

  /// The prompt as held by the engine; it is sent once.
  func sentPrompt() -> (state: RemoteState, request: SentRequest) {
    if let sent = kept.value, sent.state.isKept { return sent }
    let state = RemoteState(link)
    let axes = (0..<3).flatMap { axis in prompt.positions.map { $0[axis] } }
    let places = prompt.places.enumerated().map { index, places in
      (name: "at\(index)", tensor: EngineTensor(places))
    }
    let request = link.send(
      "prompt",
      [
        "prompt": .number(state.number),
        "pieces": .list(prompt.pieces.map { .text($0.modality.kind) }),
      ],
      [
        (name: "ids", tensor: EngineTensor(prompt.ids)),
        (name: "positions", tensor: EngineTensor(Tensor([3, prompt.ids.count], axes))),
      ] + places)
    kept.value = (state, request)
    return (state, request)
  }

  func tokens(
    _ modality: Modality, ofClip clip: Int, in media: EncodedMedia, _ cancellation: Cancellation
  ) -> (any EncodedTokens)? {
    guard modality == .video || modality == .audio,
      let index = prompt.pieces.firstIndex(where: { $0.modality == modality && $0.clip == clip })
    else { return nil }
    return RemoteTokens(
      index: index, pieces: prompt.pieces, media: media.state.value(as: RemoteMedia.self),
      width: prompt.decoder.hiddenSize, link: link, cancellation: cancellation)
  }

  func run(
    _ layer: Int, over input: LayerInput, outputs: Int, _ media: EncodedMedia,
    _ cancellation: Cancellation
  ) throws(PrefillError) -> LayerResult {
    try engine {
      let before = input.hidden.value(as: RemoteState.self)
      try keptState(before)
      let isWhole = input.changed.isEmpty && input.rows.elementsEqual(0..<input.rows.count)
      let sent =
        isWhole
        ? ahead.take(layer, after: before.number, rows: input.rows.count, outputs: outputs) : nil
      let first = try sent ?? request(layer, input, outputs, media)
      do {
        return try result(first, link.answer(first.request, cancellation), input)
      } catch {
        ahead.replace([], link)
        throw error
      }
    }
  }

  /// Requests a layer, and the layers after it up to the next drop.
  private func request(
    _ layer: Int, _ input: LayerInput, _ outputs: Int, _ media: EncodedMedia
  ) throws -> SentLayer {
    let all = try requests(layer, input, outputs, media)
    guard let first = all.first else { preconditionFailure("no request for a layer") }
    ahead.replace(Array(all.dropFirst()), link)
    return first
  }

  private func requests(
    _ layer: Int, _ input: LayerInput, _ outputs: Int, _ media: EncodedMedia
  ) throws -> [SentLayer] {
    ahead.replace([], link)
    let (prompt, remote) = (sentPrompt().state, media.state.value(as: RemoteMedia.self))
    let (media, count) = (try remote.number, input.rows.count)
    var sent: [SentLayer] = []
    var before = input.hidden.value(as: RemoteState.self)
    // Each layer takes all rows of the one before.
    let following = outputs == count ? input.following.count : 0
    for number in layer...layer + following {
      let isFirst = number == layer
      let isLast = number == layer + following
      let wanted = isFirst ? outputs : isLast ? input.following.outputs ?? count : count
      let (output, keys) = (RemoteState(link), RemoteState(link))
      let request = link.send(
        "layer",
        [
          "layer": .number(number), "prompt": .number(prompt.number), "media": .number(media),
          "input": .number(before.number), "output": .number(output.number),
          "keys": .number(keys.number), "outputs": .number(wanted),
        ], isFirst ? tensors(input) : [])
      var made = SentLayer(
        layer: number, before: before, rows: count, outputs: wanted, output: output, keys: keys,
        request: request)
      if isLast { made.values = sendValues(of: made, input.following, prompt) }
      sent.append(made)
      before = output
    }
    return sent
  }

  /// Requests what is read of a layer's output: by the rule after it, or the logits after the last layer.
  private func sendValues(
    of sent: SentLayer, _ following: FollowingLayers, _ prompt: RemoteState
  ) -> [SentRequest] {
    var values: [SentRequest] = []
    func expect(_ question: RemoteState.Question, _ request: SentRequest) {
      sent.output.expect(question, request)
      values.append(request)
    }
    if !following.queries.isEmpty, sent.outputs == sent.rows {
      expect(
        .relevance(queries: following.queries),
        send(relevance: sent.layer, of: sent.output, queries: following.queries, prompt))
    }
    if following.isRead, sent.outputs == sent.rows { expect(.rows, send(rowsOf: sent.output)) }
    if sent.layer == layerCount, sent.outputs == 1 {
      expect(.logits(row: 0), send(logitsOf: sent.output, row: 0))
    }
    return values
  }

  private func tensors(_ input: LayerInput) -> [(name: String, tensor: EngineTensor)] {
    var tensors = [(name: "rows", tensor: EngineTensor(input.rows))]
    let numbers = input.changed.filter { $0.numbers != nil }
    if let width = numbers.first?.numbers?.columns {
      let offsets = numbers.flatMap(\.offsets)
      let values = numbers.flatMap { $0.numbers?.elements ?? [] }
      tensors += [
        (name: "changed", tensor: facts.tensor(Tensor([offsets.count, width], values))),
        (name: "changed_rows", tensor: EngineTensor(offsets)),
      ]
    }
    let merged = input.changed.filter { $0.sums != nil }
    let sums = merged.flatMap { $0.sums ?? [] }
    if !sums.isEmpty {
      let weights = sums.flatMap(\.weights)
      tensors += [
        (name: "merged_rows", tensor: EngineTensor(merged.flatMap(\.offsets))),
        (name: "merged_counts", tensor: EngineTensor(sums.map(\.rows.count))),
        (name: "merged_sources", tensor: EngineTensor(sums.flatMap(\.rows))),
        (name: "merged_weights", tensor: EngineTensor(Tensor([weights.count], weights))),
      ]
    }
    return tensors
  }

  private func result(
    _ sent: SentLayer, _ answer: EngineFrame, _ input: LayerInput
  ) throws -> LayerResult {
    try Self.check(answer, .layer(sent.layer))
    guard answer["tokens"]?.integer == sent.rows,
      let attention = answer["attention_ms"]?.duration,
      let feedForward = answer["feed_forward_ms"]?.duration
    else { throw EngineFault(.malformed, reason: "an answer to layer without its tokens or times") }
    let flops = prompt.decoder.flops(layer: sent.layer, tokens: sent.rows, outputs: sent.outputs)
    var costs = LayerCosts(
      attentionSeconds: attention, feedForwardSeconds: feedForward,
      flops: flops.attention + flops.feedForward, feedForwardFlops: flops.feedForward)
    costs.seconds = attention + feedForward
    return LayerResult(
      hidden: EngineState(sent.output),
      keyValues: EngineState(RemoteKeys(state: sent.keys, positions: input.positions)),
      costs: costs)
  }

  func relevance(
    afterLayer layer: Int, _ hidden: EngineState, positions: [Int], query: Int
  ) throws(PrefillError) -> BoundaryInputs.Relevance {
    try relevance(afterLayer: layer, hidden, positions: positions, queries: [query])
  }

  func relevance(
    afterLayer layer: Int, _ hidden: EngineState, positions: [Int], queries: [Int]
  ) throws(PrefillError) -> BoundaryInputs.Relevance {
    try engine {
      let state = hidden.value(as: RemoteState.self)
      try keptState(state)
      let answer = try state.answer(.relevance(queries: queries)) {
        send(relevance: layer, of: state, queries: queries, sentPrompt().state)
      }
      let scores = try answer.floats("scores", positions.count)
      return BoundaryInputs.Relevance(
        scores: scores,
        flops: prompt.decoder.relevanceFlops(positions.count, queries: queries.count))
    }
  }

  private func send(
    relevance layer: Int, of state: RemoteState, queries: [Int], _ prompt: RemoteState
  ) -> SentRequest {
    link.send(
      "relevance",
      [
        "layer": .number(layer), "prompt": .number(prompt.number), "input": .number(state.number),
      ], [("queries", EngineTensor(queries))])
  }

  func rows(of hidden: EngineState) throws(PrefillError) -> Tensor {
    try engine {
      let state = hidden.value(as: RemoteState.self)
      try keptState(state)
      return try state.answer(.rows) { send(rowsOf: state) }
        .matrix("hidden", columns: prompt.decoder.hiddenSize)
    }
  }

  private func send(rowsOf state: RemoteState) -> SentRequest {
    link.send("rows", ["input": .number(state.number)])
  }

  func logits(
    after row: Int, of hidden: EngineState
  ) throws(PrefillError) -> (logits: [Float], flops: Double) {
    try engine {
      let state = hidden.value(as: RemoteState.self)
      try keptState(state)
      let answer = try state.answer(.logits(row: row)) { send(logitsOf: state, row: row) }
      return (try answer.floats("logits", facts.vocabulary), prompt.decoder.headFlops)
    }
  }

  private func send(logitsOf state: RemoteState, row: Int) -> SentRequest {
    link.send("logits", ["input": .number(state.number), "row": .number(row)])
  }

  func decoding(after caches: [LayerCache]) -> any TokenDecoding {
    decoding(after: caches, longest: .max)
  }

  func decoding(after caches: [LayerCache], longest: Int) -> any TokenDecoding {
    let keys = caches.map { $0.keyValues.value(as: RemoteKeys.self) }
    // Every layer has the same survivors, but in different rows.
    let positions = keys.first.flatMap { keys in
      caches.first?.rows.map { keys.positions[$0] }
    }
    return RemoteDecoding(
      layers: keys.map(\.state), positions: positions ?? [], nextPosition: prompt.nextPosition,
      stopTokens: prompt.stopTokens, longest: longest, vocabulary: facts.vocabulary, link: link)
  }

  func keptState(_ state: RemoteState) throws {
    if state.isKept { return }
    // The fault of the ended process is more specific.
    throw link.fault ?? EngineFault(.restarted, reason: "")
  }

  /// Converts engine faults into errors of the prefill.
  func engine<Value>(
    _ work: () throws -> Value
  ) throws(PrefillError) -> Value {
    do {
      return try work()
    } catch {
      throw PrefillError(ofEngine: error)
    }
  }

  /// Rejects hidden states that are not finite.
  private static func check(_ answer: EngineFrame, _ place: NumericFault.Place) throws {
    if let fault = NumericFault(place, answer["fault"]) { throw PrefillError.broken(fault) }
  }
}

extension PrefillError {
  /// - Parameter error: an `EngineFault`, or an error of the prefill.
  init(ofEngine error: any Error) {
    self =
      switch error {
      case let error as PrefillError: error
      case let fault as EngineFault where fault.kind == .cancelled: .cancelled
      case let fault as EngineFault: .engine(fault)
      default: .engine(EngineFault(.failed, reason: "\(error)"))
      }
  }
}

extension NumericFault {
  /// The numeric fault that the engine reports; nil for none.
  init?(_ place: Place, _ stated: JSONValue?) {
    guard let stated else { return nil }
    self.init(place, stated.string == "overflow" ? .overflow : .notFinite)
  }
}

extension Modality {
  /// Name of the modality in the protocol.
  var kind: String {
    switch self {
    case .video: "video"
    case .audio: "audio"
    case .image: "image"
    case .text: "text"
    }
  }
}

/// Keys and values of one layer, held by the engine, with the positions of their tokens.
struct RemoteKeys: Sendable {
  let state: RemoteState
  let positions: [Int]
}
