import Basics

/// Configuration of the decoder: `text_config`.
public struct DecoderConfiguration: Sendable {
  /// Number of decoder layers: `num_hidden_layers`.
  public internal(set) var layers: Int
  public let hiddenSize, heads, keyValueHeads, headWidth, intermediateSize, vocabulary: Int
  /// Experts of sparse layers (mixture of experts); nil for a dense model.
  public let experts: ExpertConfiguration?
  let normEpsilon: Float
  let rotaryBase: Double
  /// Axis (0 time, 1 height, 2 width) of each rotary angle of a head, [headWidth / 2].
  let rotaryAxes: [Int]
  /// Whether the output head is tied to the embeddings; before the weights are opened, whether any
  /// configuration key states it.
  var tiesEmbeddings: Bool
  /// Whether the q, k and v projections have biases, and whether the output projection has one.
  let biases: (queryKeyValue: Bool, output: Bool)
  /// Whether queries and keys are normalised per head (RMSNorm) before the rotary embedding.
  let normalizesHeads: Bool

  public var keyValueWidth: Int { keyValueHeads * headWidth }

  /// Facts on the rotary embedding, for the audit.
  let rotaryFacts: [CheckpointFact]

  /// Validates the configuration of a decoder.
  /// - Parameters:
  ///   - file: `text_config`, decoded.
  ///   - written: `text_config` as raw JSON.
  init(
    _ file: TextFile, _ written: [String: JSONValue], _ family: any FamilyDefinition,
    _ check: ConfigurationValidator
  ) throws(CheckpointError) {
    layers = try check.positive(
      check.value(
        file.num_hidden_layers, "text_config.num_hidden_layers", default: family.defaults.layers),
      "text_config.num_hidden_layers", limit: 1000)
    hiddenSize = try check.positive(
      check.value(
        file.hidden_size, "text_config.hidden_size", default: family.defaults.hiddenSize),
      "text_config.hidden_size")
    heads = try check.positive(
      check.value(
        file.num_attention_heads, "text_config.num_attention_heads", default: family.defaults.heads),
      "text_config.num_attention_heads")
    keyValueHeads = try check.positive(
      check.value(
        file.num_key_value_heads, "text_config.num_key_value_heads",
        default: family.defaults.keyValueHeads),
      "text_config.num_key_value_heads")
    intermediateSize = try check.positive(
      check.value(
        file.intermediate_size, "text_config.intermediate_size",
        default: family.defaults.intermediateSize),
      "text_config.intermediate_size")
    vocabulary = try check.positive(
      check.value(
        file.vocab_size, "text_config.vocab_size", default: family.defaults.vocabulary),
      "text_config.vocab_size", limit: 1 << 24)
    headWidth =
      file.head_dim
      ?? family.defaults.headWidth.map {
        check.value(nil, "text_config.head_dim", default: $0)
      } ?? hiddenSize / heads
    normEpsilon = Float(
      check.value(
        file.rms_norm_eps, "text_config.rms_norm_eps", default: family.defaults.normEpsilon))
    tiesEmbeddings = file.tie_word_embeddings ?? false
    let traits = try family.decoder(file, check)
    (biases, normalizesHeads, experts) = (traits.biases, traits.normalizesHeads, traits.experts)
    guard normEpsilon >= 0, normEpsilon.isFinite else {
      throw check.wrong("text_config.rms_norm_eps", normEpsilon, "0 or more")
    }
    guard headWidth > 0, headWidth % 2 == 0 else {
      throw file.head_dim.map { check.wrong("text_config.head_dim", $0, "even, and above 0") }
        ?? check.wrong(
          "text_config.num_attention_heads", heads,
          "a number that divides hidden_size \(hiddenSize) into heads of even width, rounded down "
            + "(\(headWidth) is not); without an even width, no rotary embedding can be computed")
    }
    _ = try check.positive(headWidth, "text_config.head_dim", limit: 1 << 16)
    guard heads % keyValueHeads == 0 else {
      throw check.wrong(
        "text_config.num_key_value_heads", keyValueHeads, "a divisor of \(heads) heads")
    }
    let rotary = try RotaryConfiguration(written, family.rotary, half: headWidth / 2, check)
    (rotaryBase, rotaryAxes, rotaryFacts) = (rotary.base, rotary.axes, rotary.facts)
    let activation = check.value(file.hidden_act, "text_config.hidden_act", default: "silu")
    guard ["silu", "swish"].contains(activation) else {
      throw check.wrong("text_config.hidden_act", activation, "silu")
    }
  }
}

/// Configuration of the mixture-of-experts layers.
public struct ExpertConfiguration: Sendable, Equatable {
  /// Number of experts in a layer, and number of experts per token (top-k).
  public let count, active: Int
  /// Width of one expert's MLP.
  public let intermediateSize: Int
  /// Whether the weights of the top-k experts are normalised to sum 1.
  let normalizesWeights: Bool
  /// Configuration key of the number of experts; the default key if it is absent.
  let countKey: String
  /// Value of that key; nil if it is absent.
  let writtenCount: Int?
  private let denseLayers: Set<Int>
  private let step: Int

  init?(_ file: TextFile, _ check: ConfigurationValidator) throws(CheckpointError) {
    (countKey, writtenCount) = try Self.count(file, check)
    let found = check.value(writtenCount, countKey, default: 128)
    guard found != 0 else { return nil }
    count = try check.positive(found, countKey, limit: 1 << 16)
    active = try check.positive(
      check.value(file.num_experts_per_tok, "text_config.num_experts_per_tok", default: 8),
      "text_config.num_experts_per_tok", limit: count)
    intermediateSize = try check.positive(
      check.value(file.moe_intermediate_size, "text_config.moe_intermediate_size", default: 768),
      "text_config.moe_intermediate_size")
    normalizesWeights = check.value(
      file.norm_topk_prob, "text_config.norm_topk_prob", default: true)
    denseLayers = Set(file.mlp_only_layers ?? [])
    step = try check.positive(
      check.value(file.decoder_sparse_step, "text_config.decoder_sparse_step", default: 1),
      "text_config.decoder_sparse_step")
  }

  /// Finds the configuration key of the number of experts, and its value.
  private static func count(
    _ file: TextFile, _ check: ConfigurationValidator
  ) throws(CheckpointError) -> (key: String, value: Int?) {
    let written = [
      ("text_config.num_experts", file.num_experts),
      ("text_config.num_local_experts", file.num_local_experts),
      ("text_config.n_routed_experts", file.n_routed_experts),
    ].compactMap { key, value in value.map { (key: key, value: $0) } }
    guard let first = written.first else { return ("text_config.num_experts", nil) }
    if let other = written.first(where: { $0.value != first.value }) {
      throw check.contradiction((first.key, "\(first.value)"), (other.key, "\(other.value)"))
    }
    return (first.key, first.value)
  }

  /// Whether a decoder layer, counted from 0, has experts.
  func areIn(layer: Int) -> Bool { !denseLayers.contains(layer) && (layer + 1) % step == 0 }
}
