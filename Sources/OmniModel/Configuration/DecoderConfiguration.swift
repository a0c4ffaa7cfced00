/// `text_config`.
public struct DecoderConfiguration: Sendable {
  /// `num_hidden_layers`.
  public internal(set) var layers: Int
  public let hiddenSize, heads, keyValueHeads, headWidth, intermediateSize, vocabulary: Int
  /// The experts of sparse layers; nil where every layer has one feed-forward network.
  public let experts: ExpertConfiguration?
  let normEpsilon: Float
  let rotaryBase: Double
  /// The axis (0 time, 1 height, 2 width) that angle j of a head follows, [headWidth / 2].
  let rotaryAxes: [Int]
  let tiesEmbeddings: Bool
  /// Whether q, k and v have biases, and whether the output projection has one.
  let biases: (queryKeyValue: Bool, output: Bool)
  /// Whether queries and keys are RMS-normalised head by head before they are turned.
  let normalizesHeads: Bool

  public var keyValueWidth: Int { keyValueHeads * headWidth }

  init(_ file: TextFile, _ family: ModelFamily, _ check: Check) throws(CheckpointError) {
    layers = try check.positive(
      file.num_hidden_layers, "text_config.num_hidden_layers", limit: 1000)
    hiddenSize = try check.positive(file.hidden_size, "text_config.hidden_size")
    heads = try check.positive(file.num_attention_heads, "text_config.num_attention_heads")
    keyValueHeads = try check.positive(
      file.num_key_value_heads ?? 4, "text_config.num_key_value_heads")
    intermediateSize = try check.positive(file.intermediate_size, "text_config.intermediate_size")
    vocabulary = try check.positive(file.vocab_size, "text_config.vocab_size", limit: 1 << 24)
    headWidth = file.head_dim ?? hiddenSize / heads
    normEpsilon = Float(file.rms_norm_eps ?? 1e-6)
    rotaryBase = file.rope_theta ?? 1_000_000
    tiesEmbeddings = file.tie_word_embeddings ?? false
    let hasBias = file.attention_bias ?? false
    switch family {
    case .qwen25: (biases, normalizesHeads, experts) = ((true, false), false, nil)
    case .qwen3:
      (biases, normalizesHeads) = ((hasBias, hasBias), true)
      experts = try ExpertConfiguration(file, check)
    }
    guard normEpsilon >= 0, normEpsilon.isFinite else {
      throw check.wrong("text_config.rms_norm_eps", normEpsilon, "0 or more")
    }
    guard rotaryBase > 0, rotaryBase.isFinite else {
      throw check.wrong("text_config.rope_theta", rotaryBase, "more than 0")
    }
    guard headWidth > 0, headWidth % 2 == 0, file.head_dim != nil || hiddenSize % heads == 0 else {
      throw check.wrong(
        "text_config.num_attention_heads", heads,
        "a divisor of hidden_size \(hiddenSize) that leaves heads of even width")
    }
    _ = try check.positive(headWidth, "text_config.head_dim", limit: 1 << 16)
    guard heads % keyValueHeads == 0 else {
      throw check.wrong(
        "text_config.num_key_value_heads", keyValueHeads, "a divisor of \(heads) heads")
    }
    rotaryAxes = try Self.axes(file, family, half: headWidth / 2, check)
    guard ["silu", "swish"].contains(file.hidden_act ?? "silu") else {
      throw check.wrong("text_config.hidden_act", file.hidden_act ?? "", "silu")
    }
    let rope = file.rope_scaling?.type ?? file.rope_scaling?.rope_type ?? "default"
    guard ["default", "mrope"].contains(rope) else {
      throw check.wrong("text_config.rope_scaling.rope_type", rope, "default")
    }
    guard family == .qwen3 || file.use_sliding_window != true else {
      throw check.wrong("text_config.use_sliding_window", true, "false")
    }
  }

  private static func axes(
    _ file: TextFile, _ family: ModelFamily, half: Int, _ check: Check
  ) throws(CheckpointError) -> [Int] {
    let given = file.rope_scaling?.mrope_section
    func wrong(_ sections: [Int], _ expected: String) -> CheckpointError {
      check.wrong("text_config.rope_scaling.mrope_section", sections, expected)
    }
    switch family {
    case .qwen25:
      let sections = given ?? [half]
      guard sections.count <= 3, sections.allSatisfy({ (0...half).contains($0) }),
        sections.reduce(0, +) == half
      else { throw wrong(sections, "up to three numbers that add up to half a head, \(half)") }
      return sections.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
    case .qwen3:
      let sections = given ?? [24, 20, 20]
      guard sections.count == 3, sections.allSatisfy({ (0...1 << 16).contains($0) }) else {
        throw wrong(sections, "three numbers")
      }
      // Height and width take every third angle, from the second and the third on, as often as
      // their section says; time takes the others.
      return (0..<half).map { angle in
        let axis = angle % 3
        return axis > 0 && angle < 3 * sections[axis] ? axis : 0
      }
    }
  }
}

/// The mixture of experts of sparse layers.
public struct ExpertConfiguration: Sendable, Equatable {
  /// Experts of a layer, and how many of them a token visits.
  public let count, active: Int
  /// Width inside one expert.
  public let intermediateSize: Int
  /// Whether the weights of the experts a token visits are brought to a sum of 1.
  let normalizesWeights: Bool
  private let denseLayers: Set<Int>
  private let step: Int

  init?(_ file: TextFile, _ check: Check) throws(CheckpointError) {
    let found = file.num_experts ?? 128
    guard found != 0 else { return nil }
    count = try check.positive(found, "text_config.num_experts", limit: 1 << 16)
    active = try check.positive(
      file.num_experts_per_tok ?? 8, "text_config.num_experts_per_tok", limit: count)
    intermediateSize = try check.positive(
      file.moe_intermediate_size ?? 768, "text_config.moe_intermediate_size")
    normalizesWeights = file.norm_topk_prob ?? true
    denseLayers = Set(file.mlp_only_layers ?? [])
    step = try check.positive(file.decoder_sparse_step ?? 1, "text_config.decoder_sparse_step")
  }

  /// Whether a layer, counted from 0, has experts.
  func areIn(layer: Int) -> Bool { !denseLayers.contains(layer) && (layer + 1) % step == 0 }
}
