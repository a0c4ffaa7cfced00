import Foundation
import Tensors

/// Source of a model.
public enum ModelSource: Sendable, Equatable {
  /// A Hugging Face directory, or a LoRA directory and the one of its base.
  case directory(String, base: String? = nil)
  /// Random weights of a published shape, with at most `layers` decoder layers.
  case dummy(ModelShape, layers: Int? = nil, seed: UInt64 = 0)
}

/// A loaded omni-modal model (thinker): tokenizer, encoders and decoder. Immutable and thread-safe.
public struct Thinker: Sendable {
  /// The directory, or the shape name of the randomly initialised model.
  public let directory: String
  /// The directory of the base, if `directory` is a LoRA adapter.
  public let base: String?
  /// Whether the weights are random: answers are meaningless, times are valid.
  public let isDummy: Bool
  public let configuration: OmniConfiguration
  /// Precision of products.
  public let precision: Precision
  /// Element type of most stored weights, by its `torch_dtype` name.
  public let dtype: String
  public let parameters: Int
  public let tokenizer: Tokenizer
  /// Special token ids of media.
  let tokens: ResolvedTokens
  /// Ids that end an answer.
  public let stopTokens: Set<Int>
  /// Drop layers of this checkpoint (`seats.json`), or published for its family.
  public let publishedDrops: PublishedDrops?
  /// Audit facts on files, keys and tensors.
  public let facts: [CheckpointFact]
  let chatStyle: ChatStyle
  /// The checkpoint's chat template, if it has that style.
  let chatTemplate: ChatTemplate?
  /// Whether its template opens `<think>`: answers then start within the reasoning.
  public var opensReasoning: Bool { chatStyle.answerOpening.contains("<think>") }
  let preprocessor: PreprocessorConfiguration
  let decoder: LanguageModel
  let vision: any VisionEncoder
  /// Nil for a family without audio.
  let audio: (any AudioEncoder)?

  /// - Throws: `CheckpointError`; weights that do not fit in memory are refused before reading.
  public init(
    _ source: ModelSource, compute: ComputeChoice = .auto, cache: PackedCache? = nil,
    onCache: @escaping @Sendable (PackedCacheEvent) -> Void = { _ in }
  ) throws(CheckpointError) {
    switch source {
    case .directory(let path, let base):
      try self.init(
        directory: path, base: base, compute: compute, cache: cache, onCache: onCache)
    case .dummy(let shape, let layers, let seed):
      try self.init(shape, layers: layers, seed: seed, compute: compute)
    }
  }

  /// Loads a Hugging Face directory.
  /// - Parameters:
  ///   - base: the base model if `directory` is a LoRA adapter.
  ///   - compute: precision of products.
  ///   - cache: cache of packed weights; nil: packed at every start.
  ///   - onCache: receives notices of the cache.
  /// - Throws: `CheckpointError`; weights that do not fit in memory are refused before reading.
  public init(
    directory: String, base: String? = nil, compute: ComputeChoice = .auto,
    cache: PackedCache? = nil,
    onCache: @escaping @Sendable (PackedCacheEvent) -> Void = { _ in }
  ) throws(CheckpointError) {
    try ForeignFormat.check(base ?? directory)
    self.directory = directory
    self.base = base
    isDummy = false
    let adapter = base.map { _ in directory }
    let directory = base ?? directory
    var configuration = try OmniConfiguration(directory: directory)
    preprocessor = try PreprocessorConfiguration(directory: directory, configuration)
    tokenizer = try Tokenizer(directory: directory)
    tokens = try configuration.tokens.resolved(tokenizer, path: directory + "/config.json")
    let chat = try ChatStyle.read(directory: directory, configuration.definition)
    chatStyle = chat.style
    chatTemplate = chat.template
    stopTokens = try Self.stopTokens(directory, tokenizer)
    publishedDrops =
      try PublishedDrops(directory: directory, layers: configuration.text.layers)
      ?? configuration.definition.published.drops[configuration.text.layers]
    var reading = try Checkpoint(directory)
    reading.mayTransposeExperts = configuration.definition.tensors.mayTransposeExperts
    if let adapter { try reading.adapt(adapter) }
    let checkpoint = reading
    try checkpoint.check(configuration, path: directory + "/config.json")
    configuration.text.tiesEmbeddings = try checkpoint.tiesEmbeddings(configuration.ties)
    self.configuration = configuration
    let content = checkpoint.content
    dtype = content.name
    parameters = content.parameters
    precision = compute.precision(stored: content.type, parameters: content.parameters)
    let forecast = ModelMemoryEstimate(
      parameters: content.parameters, unread: configuration.text.unreadParameters, precision)
    try forecast.check(directory)
    let (settled, precision) = (configuration, precision)
    let load = { (packing: Packing) throws(CheckpointError) in
      try Self.parts(settled, Weights(.checkpoint(checkpoint), precision, packing))
    }
    if let cache, precision == .bfloat16 {
      (decoder, vision, audio) = try cache.load(
        CheckpointIdentity(checkpoint), bytes: forecast.weights, report: onCache, load)
    } else {
      (decoder, vision, audio) = try load(.memory)
    }
    facts =
      configuration.facts + tokens.facts + preprocessor.facts + chat.facts
      + checkpoint.facts(configuration.ties)
  }

  /// Loads random weights of a published shape.
  private init(
    _ shape: ModelShape, layers: Int?, seed: UInt64, compute: ComputeChoice
  ) throws(CheckpointError) {
    directory = shape.rawValue
    base = nil
    isDummy = true
    configuration = try shape.configuration(layers: layers)
    preprocessor = .published(configuration.definition)
    chatStyle = .standard(configuration.definition)
    chatTemplate = nil
    facts = []
    tokenizer = try .bytes()
    tokens = try configuration.tokens.resolved(tokenizer, path: shape.rawValue)
    stopTokens = Set(["<|im_end|>", "<|endoftext|>"].compactMap(tokenizer.id))
    publishedDrops = configuration.definition.published.drops[configuration.text.layers]
    dtype = ElementType.bfloat16.name
    parameters = configuration.parameters
    precision = compute.precision(stored: .bfloat16, parameters: parameters)
    try ModelMemoryEstimate(
      parameters: parameters, unread: configuration.text.unreadParameters, precision
    ).check(shape.rawValue)
    (decoder, vision, audio) = try Self.parts(
      configuration, Weights(.random(RandomWeights(seed: seed)), precision))
  }

  private static func parts(
    _ configuration: OmniConfiguration, _ weights: Weights
  ) throws(CheckpointError) -> (LanguageModel, any VisionEncoder, (any AudioEncoder)?) {
    let (width, towers) = (configuration.text.hiddenSize, configuration.definition.tensors)
    let (vision, audio) = (configuration.vision, configuration.audio)
    let decoder = try LanguageModel(configuration.text, weights)
    let eyes = try vision.design.encoder(vision, outputs: width, weights[towers.vision])
    guard let audio, let tower = towers.audio else { return (decoder, eyes, nil) }
    return (decoder, eyes, try audio.design.encoder(audio, outputs: width, weights[tower]))
  }

  /// `eos_token_id` of generation_config.json; otherwise the tokens that end a turn or a text.
  private static func stopTokens(
    _ directory: String, _ tokenizer: Tokenizer
  ) throws(CheckpointError) -> Set<Int> {
    let file = try JSONFile.ifPresent(directory + "/generation_config.json")
    let given = try file?.decode(GenerationFile.self).eos_token_id?.ids ?? []
    let known = ["<|im_end|>", "<|endoftext|>"].compactMap { tokenizer.id(of: $0) }
    return Set(given.isEmpty ? known : given)
  }

  /// Tokens of `ids` as text.
  public func text(_ ids: [Int]) -> String { tokenizer.decode(ids) }
}

/// Recommended drop layers and late layer.
public struct PublishedDrops: Sendable, Equatable {
  public let dropLayers: [Int]
  /// Nil: no removal.
  public let lateLayer: Int?

  init(dropLayers: [Int], lateLayer: Int?) {
    (self.dropLayers, self.lateLayer) = (dropLayers, lateLayer)
  }

  /// Reads `seats.json` of a checkpoint: values proposed by its dependency curve.
  init?(directory: String, layers: Int) throws(CheckpointError) {
    let path = directory + "/seats.json"
    guard let file = try JSONFile.ifPresent(path)?.decode(SeatsFile.self) else { return nil }
    let check = ConfigurationValidator(path: path)
    for layer in file.drop_layers { _ = try check.positive(layer, "drop_layers", limit: layers) }
    if let late = file.late_layer { _ = try check.positive(late, "late_layer", limit: layers + 1) }
    dropLayers = file.drop_layers
    lateLayer = file.late_layer
  }
}
