import Tensors

/// The output of the vision or audio encoder for one clip.
public struct EncodedModality: Sendable {
  /// Encoder outputs as they enter the decoder: [tokens, decoder width].
  public let features: Tensor
  public let attention: EncoderAttention
  /// Features added to these tokens' hidden states after decoder layers 1, 2, … (DeepStack):
  /// [tokens, decoder width] each.
  var deepstack: [Tensor] = []
  /// FLOPs executed by the encoder; a multiply-add counts 2.
  let flops: Double
}

/// The encoder outputs of one clip, by modality.
struct EncodedClip: Sendable {
  var video, audio, image: EncodedModality?

  /// The encoder output that a prompt token comes from, and the token's index in it; nil for text.
  func modality(of source: TokenSource) -> (encoded: EncodedModality, token: Int)? {
    switch source {
    case .text: nil
    case .audio(let token): audio.map { ($0, token) }
    case .image(let token): image.map { ($0, token) }
    case .video(let token): video.map { ($0, token) }
    }
  }

  /// The first invalid value in the encoder outputs; nil if all are valid.
  var fault: NumericFault? {
    let outputs: [(EncodedModality?, NumericFault.Place)] = [
      (audio, .audioEncoder), (image, .imageEncoder), (video, .videoEncoder),
    ]
    return outputs.lazy.compactMap { encoded, place in
      encoded.flatMap { NumericFault(place, states: $0.features) }
    }.first
  }
}

/// Queries, keys and values of an encoder layer, [units, heads × headWidth] each; buffers that the
/// next layer overwrites.
struct AttentionInputs: Sendable {
  var queries, keys, values: Tensor

  /// Creates empty buffers for encoder layers of this width.
  init(width: Int) {
    queries = .zeros([0, width])
    (keys, values) = (queries, queries)
  }
}

/// Queries and keys of the last encoder layer, kept to compute attention statistics over windows of
/// any length.
public struct EncoderAttention: Sendable {
  /// Shape [units, heads × headWidth]; for vision after the rotary embedding.
  let queries, keys: Tensor
  let headWidth: Int
  /// Number of consecutive encoder units that are merged into one token.
  let group: Int
  /// Index of the token at each position of the encoder's order; nil if it equals the prompt's
  /// order.
  let order: [Int]?
  let precision: Precision

  /// Attention received by each token (SEATS, Stage I): softmax inside windows of `windowUnits`
  /// units, mean over heads, sum over queries, mean over a token's units.
  public func received(windowUnits: Int) -> [Float] {
    let units = Attention.received(
      queries, keys, headWidth: headWidth, windowTokens: windowUnits, precision)
    return inPromptOrder(Tensor([units.count, 1], units).meanOfRowGroups(group)).elements
  }

  /// Keys averaged over heads and over a token's units (VisionZip): [tokens, headWidth].
  public func keyMeans() -> Tensor {
    let heads = keys.columns / headWidth
    let perHead = keys.reshaped([keys.rows * heads, headWidth])
    return inPromptOrder(perHead.meanOfRowGroups(heads).meanOfRowGroups(group))
  }

  /// FLOPs to compute the attention received; a multiply-add counts 2.
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
