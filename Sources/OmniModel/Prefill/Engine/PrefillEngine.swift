import Selection
import Tensors

/// Computes what the steps of a prefill ask for, about one prompt: the thinker of this process, or a
/// model on another machine.
///
/// Token positions, decisions, scores and logits cross this interface. Weights, hidden states, keys and
/// values stay with the engine, and a prefill refers to them by `EngineState`. States never change: a
/// call that throws leaves every state as it was, so that the prefill can resume or go back. Calls are
/// synchronous. Layers are counted from 1.
public protocol PrefillEngine: Sendable {
  /// Decoder layers.
  var layerCount: Int { get }
  /// Bytes of a token's hidden state, and of the keys and values that one layer keeps of it.
  var hiddenBytesPerToken: Int { get }
  var keyValueBytesPerToken: Int { get }

  /// Called before the first step.
  /// - Parameter snapshotBytes: the most bytes of hidden states kept for going back.
  /// - Throws: `tooLarge` where the prefill does not fit in memory.
  func checkMemory(snapshotBytes: Int) throws(PrefillError)

  /// Runs the encoders over the media of the prompt.
  func encode(_ cancellation: Cancellation) throws(PrefillError) -> EncodedMedia

  /// Attention and features of the tokens of a clip, for rules; nil if it has none of the modality.
  /// - Parameter clip: index among the prompt's clips.
  func tokens(
    _ modality: Modality, ofClip clip: Int, in media: EncodedMedia, _ cancellation: Cancellation
  ) -> (any EncodedTokens)?

  /// The embeddings of the whole prompt, encoder outputs in their places: [tokens, hiddenSize].
  func embed(_ media: EncodedMedia) throws(PrefillError) -> EngineState

  /// Runs a layer over the tokens that are left.
  /// - Parameter outputs: number of output rows to return, from the end.
  func run(
    _ layer: Int, over input: LayerInput, outputs: Int, _ media: EncodedMedia,
    _ cancellation: Cancellation
  ) throws(PrefillError) -> LayerResult

  /// Attention of one token over all, through the layer's own projections of its output.
  /// - Parameters:
  ///   - hidden: the layer's output, [positions, hiddenSize].
  ///   - query: row of the asking token.
  func relevance(
    afterLayer layer: Int, _ hidden: EngineState, positions: [Int], query: Int
  ) throws(PrefillError) -> BoundaryInputs.Relevance

  /// Hidden states, for rules that merge tokens: [rows, hiddenSize].
  func rows(of hidden: EngineState) throws(PrefillError) -> Tensor

  /// Logits of the token after a row of the last layer's output: [vocabulary].
  func logits(
    after row: Int, of hidden: EngineState
  ) throws(PrefillError) -> (logits: [Float], flops: Double)

  /// Prepares to decode an answer; nothing is computed yet.
  /// - Parameter caches: one per layer.
  func decoding(after caches: [LayerCache]) -> any TokenDecoding
}

/// Decodes an answer token by token. A value: a copy decodes on its own.
public protocol TokenDecoding: Sendable {
  /// Runs a token of the answer through the decoder.
  /// - Returns: logits of the one after it, [vocabulary].
  mutating func logits(after token: Int) throws(PrefillError) -> [Float]
}

/// Something that an engine keeps for a prefill: encoder outputs, hidden states, or keys and values.
/// Only the engine that made it can read it. It is released with its last copy.
public struct EngineState: Sendable {
  private let value: any Sendable

  public init(_ value: any Sendable) { self.value = value }

  /// The value that the engine put in.
  public func value<Value>(as type: Value.Type = Value.self) -> Value {
    guard let value = value as? Value else {
      preconditionFailure("a state of another engine: \(Swift.type(of: value))")
    }
    return value
  }
}

/// What the encoders made of all clips of a prompt, whatever is asked about them.
public struct EncodedMedia: Sendable {
  public let state: EngineState
  public let visionSeconds, audioSeconds: Double
  /// FLOPs executed, 2 per multiply-add.
  public let flops: Double

  public init(state: EngineState, visionSeconds: Double, audioSeconds: Double, flops: Double) {
    self.state = state
    self.visionSeconds = visionSeconds
    self.audioSeconds = audioSeconds
    self.flops = flops
  }
}

/// What enters a layer: rows of the embeddings for layer 1, of the output of the layer before for others.
public struct LayerInput: Sendable {
  public let hidden: EngineState
  /// Rows of `hidden` that are left, ascending.
  public let rows: [Int]
  /// Position in the prompt of each of them.
  public let positions: [Int]
  /// New hidden states of rows into which a rule merged others; offsets count `rows`.
  public let changed: [ChangedRows]
}

/// The result of a layer.
public struct LayerResult: Sendable {
  /// [outputs, hiddenSize].
  public let hidden: EngineState
  /// Of all tokens that entered.
  public let keyValues: EngineState
  public let costs: LayerCosts

  public init(hidden: EngineState, keyValues: EngineState, costs: LayerCosts) {
    (self.hidden, self.keyValues, self.costs) = (hidden, keyValues, costs)
  }
}

/// What running a layer took.
public struct LayerCosts: Sendable {
  /// Wall time of the halves of the layer, norms and residuals included.
  public let attentionSeconds, feedForwardSeconds: Double
  /// FLOPs executed, 2 per multiply-add: of the layer, and of its feed-forward half.
  public let flops, feedForwardFlops: Double

  public init(
    attentionSeconds: Double, feedForwardSeconds: Double, flops: Double, feedForwardFlops: Double
  ) {
    self.attentionSeconds = attentionSeconds
    self.feedForwardSeconds = feedForwardSeconds
    self.flops = flops
    self.feedForwardFlops = feedForwardFlops
  }
}

/// Keys and values that an answer attends to.
public struct LayerCache: Sendable {
  public let keyValues: EngineState
  /// Rows of the tokens that are left, ascending.
  public let rows: [Int]
}

/// Why an engine gave no answer; its states are as before.
public struct EngineFault: Error, Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// It does not accept the request.
    case refused
    /// It has not enough memory for it: fewer tokens may fit.
    case memory
    /// It failed, or cannot be reached.
    case failed
  }

  public let kind: Kind
  /// In the engine's words.
  public let reason: String

  public init(_ kind: Kind, reason: String) {
    (self.kind, self.reason) = (kind, reason)
  }
}
