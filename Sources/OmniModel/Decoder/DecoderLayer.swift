import Tensors

/// Keys and values of one decoder layer: [tokens, keyValueHeads × headWidth] each.
struct KeyValues: Sendable {
  var keys, values: Tensor

  func gatherRows(_ indices: [Int]) -> KeyValues {
    KeyValues(keys: keys.gatherRows(indices), values: values.gatherRows(indices))
  }

  mutating func append(_ new: KeyValues) {
    keys.appendRows(new.keys)
    values.appendRows(new.values)
  }
}

/// Wall time in seconds of a layer's attention and MLP, including norm and residual.
struct LayerSeconds: Sendable {
  let attention, feedForward: Double
}

/// A pre-norm decoder block: self-attention, then the MLP.
struct DecoderLayer: Sendable {
  let attentionNorm, feedForwardNorm: RMSNorm
  let attention: SelfAttention
  let feedForward: FeedForward

  /// Reads the weights of a decoder layer.
  /// - Parameter index: counted from 0.
  init(
    _ index: Int, _ config: DecoderConfiguration, _ weights: Weights
  ) throws(CheckpointError) {
    attentionNorm = try RMSNorm(
      config.hiddenSize, weights["input_layernorm"], epsilon: config.normEpsilon)
    feedForwardNorm = try RMSNorm(
      config.hiddenSize, weights["post_attention_layernorm"], epsilon: config.normEpsilon)
    attention = try SelfAttention(config, weights["self_attn"])
    feedForward = try FeedForward(index, config, weights["mlp"])
  }

  /// Computes the layer for new tokens.
  /// - Parameters:
  ///   - x: hidden states, [tokens, hiddenSize], updated in place.
  ///   - cache: keys and values of earlier tokens, if any; those of the new tokens are appended.
  ///   - outputs: number of tokens to compute, counted from the end; `x` is reduced to them. Nil
  ///     computes all.
  func callAsFunction(
    _ x: inout Tensor, _ rotary: RotaryTable, cache: inout KeyValues?, outputs: Int? = nil
  ) -> LayerSeconds {
    var clock = StepClock()
    let normal = attentionNorm.activations(x)
    if let outputs, outputs < x.rows { x = x.rows(x.rows - outputs..<x.rows) }
    attention.add(normal, rotary, cache: &cache, to: &x)
    let attentionSeconds = clock.lap()
    feedForward.add(feedForwardNorm, to: &x)
    return LayerSeconds(attention: attentionSeconds, feedForward: clock.lap())
  }

  /// Mean attention of query tokens over the whole sequence, with this layer's norm, projections and rotary
  /// embedding applied to its *output* (SEATS Stage II relevance).
  /// - Parameters:
  ///   - output: output of this layer, [tokens, hiddenSize].
  ///   - queries: rows of the query tokens.
  /// - Returns: attention weights averaged over heads and queries, [tokens], with sum 1.
  func relevance(_ output: Tensor, _ rotary: RotaryTable, queries: [Int]) -> [Float] {
    let normal = attentionNorm(output)
    return attention.distribution(normal, rotary, queries: queries)
  }

  /// Attention weights of one token in this layer.
  /// - Parameters:
  ///   - input: hidden state of the token as it enters the layer, [1, hiddenSize].
  ///   - rotary: rotary embedding of the token.
  ///   - keys: keys of all tokens that the token attends to, [tokens, keyValueHeads × headWidth].
  /// - Returns: [heads, tokens]; each row has sum 1.
  func attentionWeights(_ input: Tensor, _ rotary: RotaryTable, _ keys: Tensor) -> Tensor {
    attention.weights(attentionNorm.activations(input), rotary, keys)
  }

  /// FLOPs for `tokens` tokens of which the last `outputs` are computed. A multiply-add counts 2;
  /// attention counts only the causal half.
  func flops(_ tokens: Int, outputs: Int) -> Double {
    attention.flops(tokens, outputs: outputs) + feedForward.flops(outputs)
  }
}

/// Grouped-query attention, optionally with per-head RMSNorm of queries and keys.
struct SelfAttention: Sendable {
  let query, key, value, output: Linear
  /// RMSNorm of each head's queries and keys; nil if the model family has none.
  let queryNorm, keyNorm: RMSNorm?
  let headWidth: Int

  init(_ config: DecoderConfiguration, _ weights: Weights) throws(CheckpointError) {
    let width = config.heads * config.headWidth
    headWidth = config.headWidth
    let (inputs, biases) = (config.hiddenSize, config.biases)
    let keyWidth = config.keyValueWidth
    query = try Linear(inputs, width, weights["q_proj"], hasBias: biases.queryKeyValue)
    key = try Linear(inputs, keyWidth, weights["k_proj"], hasBias: biases.queryKeyValue)
    value = try Linear(inputs, keyWidth, weights["v_proj"], hasBias: biases.queryKeyValue)
    output = try Linear(width, inputs, weights["o_proj"], hasBias: biases.output)
    let norms = config.normalizesHeads
    queryNorm = norms ? try RMSNorm(headWidth, weights["q_norm"], epsilon: config.normEpsilon) : nil
    keyNorm = norms ? try RMSNorm(headWidth, weights["k_norm"], epsilon: config.normEpsilon) : nil
  }

  /// Adds the attention output to `sums`.
  /// - Parameters:
  ///   - x: normalised hidden states, [tokens, hiddenSize].
  ///   - cache: keys and values of earlier tokens, to which those of these tokens are appended.
  ///   - sums: hidden states of the last tokens, [outputs, hiddenSize].
  func add(
    _ x: Activations, _ rotary: RotaryTable, cache: inout KeyValues?, to sums: inout Tensor
  ) {
    let asking = x.rows - sums.rows..<x.rows
    let queries = rotated(query(x.rows(asking)), queryNorm, rotary.rows(asking))
    let new = KeyValues(keys: rotated(key(x), keyNorm, rotary), values: value(x))
    // Keys and values are appended in place, without a copy.
    cache?.append(new)
    let all = cache ?? new
    cache = all
    output.add(
      Attention.attend(
        queries, all.keys, all.values, headWidth: headWidth,
        causalOffset: all.keys.rows - queries.rows, output.precision), to: &sums)
  }

  func distribution(_ x: Tensor, _ rotary: RotaryTable, queries rows: [Int]) -> [Float] {
    let asking = rotated(query(x.gatherRows(rows)), queryNorm, rotary.rows(rows))
    return Attention.distribution(asking, rotated(key(x), keyNorm, rotary), headWidth: headWidth)
  }

  /// - Parameter x: the normalised hidden state of one token, [1, hiddenSize].
  func weights(_ x: Activations, _ rotary: RotaryTable, _ keys: Tensor) -> Tensor {
    Attention.weights(rotated(query(x), queryNorm, rotary), keys, headWidth: headWidth)
  }

  private func rotated(_ projected: Tensor, _ norm: RMSNorm?, _ rotary: RotaryTable) -> Tensor {
    var turned =
      norm.map { norm in
        let perHead = projected.reshaped([projected.elements.count / headWidth, headWidth])
        return norm(perHead).reshaped(projected.shape)
      } ?? projected
    turned.rotate(headWidth: headWidth, cosines: rotary.cosines, sines: rotary.sines)
    return turned
  }

  func flops(_ tokens: Int, outputs: Int) -> Double {
    let pairs = Double(outputs) * Double(2 * tokens - outputs + 1) / 2
    return query.flops(outputs) + key.flops(tokens) + value.flops(tokens) + output.flops(outputs)
      + 4 * pairs * Double(query.outputs)
  }

  /// FLOPs of the attention weights of one token over `tokens` tokens whose keys are there.
  func weightsFlops(_ tokens: Int) -> Double {
    query.flops(1) + 2 * Double(tokens) * Double(query.outputs)
  }

  /// FLOPs of the attention weights of `queries` over `tokens` tokens; a multiply-add counts 2.
  func distributionFlops(_ tokens: Int, queries: Int) -> Double {
    query.flops(queries) + key.flops(tokens)
      + 2 * Double(queries) * Double(tokens) * Double(query.outputs)
  }
}
