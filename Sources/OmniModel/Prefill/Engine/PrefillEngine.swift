import Selection
import Tensors

/// Computes the steps of a prefill for one prompt: the model in this process, or a model on another
/// machine.
///
/// Token positions, selections, scores and logits cross this interface. Weights, hidden states,
/// keys and values stay in the engine; a prefill refers to them by `EngineState`. States are
/// immutable: if a call throws, every state is unchanged, so that the prefill can resume or step
/// back. Calls are synchronous. Layers are counted from 1.
public protocol PrefillEngine: Sendable {
  /// Number of decoder layers.
  var layerCount: Int { get }
  /// Bytes of one token's hidden state, and of its keys and values in one layer.
  var hiddenBytesPerToken: Int { get }
  var keyValueBytesPerToken: Int { get }

  /// Checks memory before the first step.
  /// - Parameter snapshotBytes: maximum bytes of hidden states kept for stepping back.
  /// - Throws: `PrefillError.tooLarge` if the prefill does not fit in memory.
  func checkMemory(snapshotBytes: Int) throws(PrefillError)

  /// Runs the vision and audio encoders on the media of the prompt.
  /// - Parameter earlier: encoder outputs for another question or other input settings; those for
  ///   the same pixels or audio are reused.
  func encode(
    reusing earlier: EncodedMedia?, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedMedia

  /// The same, for a plan whose encoder rule is `rule`: an engine may send ahead what that rule reads.
  func encode(
    reusing earlier: EncodedMedia?, before rule: (any EncoderRule)?, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedMedia

  /// Called before `rule` reads these encoder outputs: an engine may send ahead what it reads.
  func expect(_ rule: any EncoderRule, of media: EncodedMedia)

  /// Stores encoder outputs for later runs. Called after the encoder step, outside its measured
  /// time.
  func store(_ media: EncodedMedia)

  /// Whether the engine still has these encoder outputs: an engine that has ended has not.
  func keeps(_ media: EncodedMedia) -> Bool

  /// Encoder outputs and attention of one modality of a clip, for selection rules; nil if the clip
  /// does not have the modality.
  /// - Parameter clip: index among the prompt's clips.
  func tokens(
    _ modality: Modality, ofClip clip: Int, in media: EncodedMedia, _ cancellation: Cancellation
  ) -> (any EncodedTokens)?

  /// Embeddings of the whole prompt with the encoder outputs inserted: [tokens, hiddenSize].
  func embed(_ media: EncodedMedia) throws(PrefillError) -> EngineState

  /// Runs a decoder layer over the remaining tokens.
  /// - Parameter outputs: number of output rows to return: those of the last tokens.
  func run(
    _ layer: Int, over input: LayerInput, outputs: Int, _ media: EncodedMedia,
    _ cancellation: Cancellation
  ) throws(PrefillError) -> LayerResult

  /// Attention of one token over all tokens, computed from a layer's output with that layer's own
  /// projections.
  /// - Parameters:
  ///   - hidden: the layer's output, [positions, hiddenSize].
  ///   - query: row of the token whose attention is computed.
  func relevance(
    afterLayer layer: Int, _ hidden: EngineState, positions: [Int], query: Int
  ) throws(PrefillError) -> BoundaryInputs.Relevance

  /// Mean relevance by several query tokens.
  /// - Parameter queries: rows of the query tokens, at least one.
  func relevance(
    afterLayer layer: Int, _ hidden: EngineState, positions: [Int], queries: [Int]
  ) throws(PrefillError) -> BoundaryInputs.Relevance

  /// Reads hidden states, for rules that merge tokens: [rows, hiddenSize].
  func rows(of hidden: EngineState) throws(PrefillError) -> Tensor

  /// Logits of the token that follows a row of the last layer's output: [vocabulary].
  func logits(
    after row: Int, of hidden: EngineState
  ) throws(PrefillError) -> (logits: [Float], flops: Double)

  /// Prepares decoding of an answer; nothing is computed yet.
  /// - Parameter caches: KV caches, one per layer.
  func decoding(after caches: [LayerCache]) -> any TokenDecoding

  /// One row of hidden states as a state of its own, for `predictions` and `attention`; nil if the
  /// engine does not offer them.
  func row(_ row: Int, of hidden: EngineState) throws(PrefillError) -> EngineState?

  /// Next-token distributions that the final norm and the output head give for rows of hidden
  /// states; nil if the engine does not offer them.
  func predictions(
    _ request: PredictionRequest, _ cancellation: Cancellation
  ) throws(PrefillError) -> Measured<[NextTokenPrediction?]>?

  /// Attention of one token in a layer, summed over groups of tokens; nil if the engine does not
  /// offer it.
  /// - Parameter groups: group of each token that entered the layer, from 0.
  /// - Returns: sums of attention weights for each head, [heads][groupCount].
  func attention(
    _ query: AttentionQuery, groups: [UInt8], groupCount: Int
  ) throws(PrefillError) -> Measured<[[Float]]>?

  /// Attention weights of one token in one head of a layer, [tokens]; nil if the engine does not
  /// offer them.
  /// - Parameter head: counted from 0.
  func attentionWeights(
    _ query: AttentionQuery, head: Int
  ) throws(PrefillError) -> Measured<[Float]>?

  /// Prepares decoding of an answer of at most `longest` tokens; an engine may decode ahead of the
  /// calls.
  func decoding(after caches: [LayerCache], longest: Int) -> any TokenDecoding
}

extension PrefillEngine {
  public func encode(
    reusing earlier: EncodedMedia?, before rule: (any EncoderRule)?, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedMedia {
    try encode(reusing: earlier, cancellation)
  }

  public func expect(_ rule: any EncoderRule, of media: EncodedMedia) {}
  public func store(_ media: EncodedMedia) {}
  public func keeps(_ media: EncodedMedia) -> Bool { true }

  public func row(_ row: Int, of hidden: EngineState) throws(PrefillError) -> EngineState? { nil }

  public func predictions(
    _ request: PredictionRequest, _ cancellation: Cancellation
  ) throws(PrefillError) -> Measured<[NextTokenPrediction?]>? { nil }

  public func attention(
    _ query: AttentionQuery, groups: [UInt8], groupCount: Int
  ) throws(PrefillError) -> Measured<[[Float]]>? { nil }

  public func attentionWeights(
    _ query: AttentionQuery, head: Int
  ) throws(PrefillError) -> Measured<[Float]>? { nil }

  public func decoding(after caches: [LayerCache], longest: Int) -> any TokenDecoding {
    decoding(after: caches)
  }

  /// Averages one request per query token.
  public func relevance(
    afterLayer layer: Int, _ hidden: EngineState, positions: [Int], queries: [Int]
  ) throws(PrefillError) -> BoundaryInputs.Relevance {
    var sums = [Float](repeating: 0, count: positions.count)
    var flops = 0.0
    for query in queries {
      let one = try relevance(afterLayer: layer, hidden, positions: positions, query: query)
      for (index, score) in one.scores.enumerated() { sums[index] += score }
      flops += one.flops
    }
    return BoundaryInputs.Relevance(
      scores: sums.map { $0 / Float(max(1, queries.count)) }, flops: flops)
  }
}

/// Decodes an answer token by token. A value type: copies decode independently.
public protocol TokenDecoding: Sendable {
  /// Runs one token of the answer through the decoder.
  /// - Returns: logits of the next token, [vocabulary].
  mutating func logits(after token: Int) throws(PrefillError) -> [Float]

  /// The same, and the most likely token after it.
  /// - Throws: `PrefillError.broken` for invalid or equal logits too.
  mutating func next(after token: Int) throws(PrefillError) -> Int

  /// Time of the last token in seconds, by the engine's own clock; nil: the wall time of the call.
  var seconds: Double? { get }
}

extension TokenDecoding {
  public var seconds: Double? { nil }

  public mutating func next(after token: Int) throws(PrefillError) -> Int {
    try logits(after: token).mostLikely()
  }
}

extension [Float] {
  /// The index of the largest logit; the first wins ties.
  /// - Throws: `PrefillError.broken` for invalid or equal logits.
  public func mostLikely() throws(PrefillError) -> Int {
    if let fault = NumericFault(logits: self) { throw .broken(fault) }
    var best = 0
    for (id, logit) in enumerated() where logit > self[best] { best = id }
    return best
  }
}

/// An immutable value that an engine keeps for a prefill: encoder outputs, hidden states, or keys
/// and values. Only the engine that created it can read it; the last copy releases it.
public struct EngineState: Sendable {
  private let value: any Sendable

  public init(_ value: any Sendable) { self.value = value }

  /// The stored value; stops the program if it belongs to another type of engine.
  public func value<Value>(as type: Value.Type = Value.self) -> Value {
    guard let value = value as? Value else {
      preconditionFailure("a state of another engine: \(Swift.type(of: value))")
    }
    return value
  }
}

/// The encoder outputs of all clips of a prompt; they do not depend on the question.
public struct EncodedMedia: Sendable {
  public let state: EngineState
  public let vision, audio: EncoderUse
  /// FLOPs executed by the encoders; a multiply-add counts 2.
  public let flops: Double
  /// Time of the encoders by the engine's own clock; nil: the wall time of the call.
  public var seconds: Double?

  public init(state: EngineState, vision: EncoderUse, audio: EncoderUse, flops: Double) {
    self.state = state
    self.vision = vision
    self.audio = audio
    self.flops = flops
  }
}

/// Where the outputs of an encoder came from, and the time it took.
public struct EncoderUse: Sendable, Equatable {
  /// Number of outputs that were computed, read from the cache, and reused from memory.
  public var computed = 0
  public var read = 0
  public var held = 0
  /// Wall time in seconds for computing and reading outputs.
  public var seconds = 0.0

  public init(computed: Int = 0, read: Int = 0, held: Int = 0, seconds: Double = 0) {
    (self.computed, self.read, self.held, self.seconds) = (computed, read, held, seconds)
  }
}

/// The input of a decoder layer: rows of the embeddings for layer 1, or of the previous layer's
/// output.
public struct LayerInput: Sendable {
  public let hidden: EngineState
  /// Indices of the remaining rows of `hidden`, ascending.
  public let rows: [Int]
  /// Prompt position of each remaining row.
  public let positions: [Int]
  /// New hidden states of rows into which a rule merged other tokens; offsets index `rows`.
  public let changed: [ChangedRows]
  /// What the plan does next; an engine may compute ahead.
  public var following = FollowingLayers()
}

/// The layers that a plan runs over the whole output of another one.
public struct FollowingLayers: Sendable, Equatable {
  /// Layers after this one that take all rows of the layer before them.
  public var count = 0
  /// Rows of the output of the last of these layers, where that is the model's last.
  public var outputs: Int?
  /// Rows of the query tokens whose mean relevance a rule reads after the last of these layers; empty: none does.
  public var queries: [Int] = []
  /// Whether a rule reads the hidden states of all rows after the last of these layers.
  public var isRead = false

  public init() {}
}

/// The result of a decoder layer.
public struct LayerResult: Sendable {
  /// Hidden states of the last tokens: [outputs, hiddenSize].
  public let hidden: EngineState
  /// Keys and values of all tokens that entered the layer.
  public let keyValues: EngineState
  public let costs: LayerCosts

  public init(hidden: EngineState, keyValues: EngineState, costs: LayerCosts) {
    (self.hidden, self.keyValues, self.costs) = (hidden, keyValues, costs)
  }
}

/// Time and operations of one decoder layer.
public struct LayerCosts: Sendable {
  /// Wall time in seconds of the attention and MLP sublayers, including norms and residuals.
  public let attentionSeconds, feedForwardSeconds: Double
  /// FLOPs executed by the layer, and by its MLP; a multiply-add counts 2.
  public let flops, feedForwardFlops: Double
  /// Time of the layer by the engine's own clock; nil: the wall time of the call.
  public var seconds: Double?

  public init(
    attentionSeconds: Double, feedForwardSeconds: Double, flops: Double, feedForwardFlops: Double
  ) {
    self.attentionSeconds = attentionSeconds
    self.feedForwardSeconds = feedForwardSeconds
    self.flops = flops
    self.feedForwardFlops = feedForwardFlops
  }
}

/// The KV cache of one layer that answer tokens attend to.
public struct LayerCache: Sendable {
  public let keyValues: EngineState
  /// Indices of the surviving tokens' rows, ascending.
  public let rows: [Int]
}

/// An error of an engine; its states are unchanged.
public struct EngineFault: Error, Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// The engine does not support or accept the request.
    case refused
    /// The engine does not have enough memory; a prompt with fewer tokens may fit.
    case memory
    /// The engine failed or cannot be reached.
    case failed
    /// Its command cannot be started.
    case notStarted
    /// It speaks versions of the protocol from the first to the second only.
    case version(Int, Int)
    /// Its process has ended; the reason is the last line that it wrote to standard error.
    case ended
    /// No message for this time, in seconds.
    case silent(Int)
    /// What it sent does not follow the protocol.
    case malformed
    /// The request was cancelled.
    case cancelled
    /// It was started again, and what it kept is lost.
    case restarted
    /// A file of a computer that its command does not name.
    case otherHost
  }

  public let kind: Kind
  /// The reason in the engine's own words, for the error message.
  public let reason: String

  public init(_ kind: Kind, reason: String) {
    (self.kind, self.reason) = (kind, reason)
  }
}
