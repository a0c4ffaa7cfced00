/// FLOPs as counted in the paper's figures: a multiply-add counts 1, causal attention is not
/// halved, and the output head counts every token that reaches it. Encoders and selection are not
/// counted.
public struct ReferenceCost: Sendable {
  public let shape: DecoderShape

  public init(_ shape: DecoderShape) {
    self.shape = shape
  }

  /// FLOPs of a prefill step over `tokens` tokens; 0 for steps that the paper does not count, nil
  /// if a size is unknown.
  public func step(_ step: PrefillStep, tokens: Int) -> Double? {
    switch step {
    case .encoders, .stage1: 0
    case .layer: shape.hasLayerSizes ? layer(tokens: tokens) : nil
    case .head: shape.hasHeadSizes ? head(tokens: tokens) : nil
    }
  }

  /// FLOPs of one decoder layer over S = `tokens` tokens:
  /// S·D² (q) + 2·S·D·D_kv (k, v) + S·D² (o) + 2·S²·D (attention) + 3·S·D·I (MLP).
  public func layer(tokens: Int) -> Double {
    let (s, d) = (Double(tokens), Double(shape.hidden))
    let keyValues = Double(shape.nominalKeyValueWidth)
    let projections = 2 * s * d * d + 2 * s * d * keyValues
    return projections + 2 * s * s * d + 3 * s * d * Double(shape.intermediate)
  }

  /// FLOPs of the output head over S = `tokens` tokens: S·D·V.
  public func head(tokens: Int) -> Double {
    Double(tokens) * Double(shape.hidden) * Double(shape.vocabulary)
  }

  /// FLOPs of a prefill in which layer l processes `tokensPerLayer[l − 1]` tokens and the head
  /// `final` tokens.
  public func prefill(tokensPerLayer: [Int], final: Int) -> Double {
    tokensPerLayer.reduce(0) { $0 + layer(tokens: $1) } + head(tokens: final)
  }

  /// FLOPs of a prefill of `tokens` tokens without drops.
  public func full(tokens: Int) -> Double {
    Double(shape.layers) * layer(tokens: tokens) + head(tokens: tokens)
  }
}
