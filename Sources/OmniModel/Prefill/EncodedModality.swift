import Tensors

/// The output of an encoder for a clip.
public struct EncodedModality: Sendable {
  /// [tokens, decoder width], as they enter the decoder.
  public let features: Tensor
  public let attention: EncoderAttention
  /// Features added to these tokens after decoder layers 1, 2, … (DeepStack): [tokens, decoder
  /// width] each.
  var deepstack: [Tensor] = []
  /// FLOPs executed, 2 per multiply-add.
  let flops: Double
}

/// The encoder outputs of one clip.
struct EncodedClip: Sendable {
  var video, audio, image: EncodedModality?

  /// The modality and index of a token; nil for text.
  func modality(of source: TokenSource) -> (encoded: EncodedModality, token: Int)? {
    switch source {
    case .text: nil
    case .audio(let token): audio.map { ($0, token) }
    case .image(let token): image.map { ($0, token) }
    case .video(let token): video.map { ($0, token) }
    }
  }

  /// The first invalid output; nil if all are valid.
  var fault: NumericFault? {
    let outputs: [(EncodedModality?, NumericFault.Place)] = [
      (audio, .audioEncoder), (image, .imageEncoder), (video, .videoEncoder),
    ]
    return outputs.lazy.compactMap { encoded, place in
      encoded.flatMap { NumericFault(place, states: $0.features) }
    }.first
  }

  var flops: Double { [video, audio, image].reduce(0) { $0 + ($1?.flops ?? 0) } }
}

/// Queries, keys and values of an encoder layer, [units, heads × headWidth] each; overwritten by
/// the next layer.
struct AttentionInputs: Sendable {
  var queries, keys, values: Tensor

  /// Empty, for layers of `width`.
  init(width: Int) {
    queries = .zeros([0, width])
    (keys, values) = (queries, queries)
  }
}

/// Queries and keys of the last encoder layer, kept for attention statistics over windows of any
/// length.
public struct EncoderAttention: Sendable {
  /// [units, heads × headWidth]; rotated, for vision.
  let queries, keys: Tensor
  let headWidth: Int
  /// Consecutive units that become one token.
  let group: Int
  /// Token at each position of the encoder's order; nil if it is the prompt's order.
  let order: [Int]?
  let precision: Precision

  /// Attention received per token: softmax inside windows of `windowUnits` units, mean over heads,
  /// sum over queries, mean over a token's units (SEATS, Stage I).
  public func received(windowUnits: Int) -> [Float] {
    let units = Attention.received(
      queries, keys, headWidth: headWidth, windowTokens: windowUnits, precision)
    return inPromptOrder(Tensor([units.count, 1], units).meanOfRowGroups(group)).elements
  }

  /// Keys averaged over heads and over a token's units: [tokens, headWidth] (VisionZip).
  public func keyMeans() -> Tensor {
    let heads = keys.columns / headWidth
    let perHead = keys.reshaped([keys.rows * heads, headWidth])
    return inPromptOrder(perHead.meanOfRowGroups(heads).meanOfRowGroups(group))
  }

  /// FLOPs of the statistic, 2 per multiply-add.
  func flops(windowUnits: Int) -> Double {
    let (whole, rest) = (queries.rows / windowUnits, queries.rows % windowUnits)
    return 2 * Double(whole * windowUnits * windowUnits + rest * rest) * Double(queries.columns)
  }

  private func inPromptOrder(_ tokens: Tensor) -> Tensor {
    guard let order else { return tokens }
    var ordered = tokens
    ordered.scatterRows(tokens, to: order)
    return ordered
  }
}
