import Foundation
import Tensors

/// What to load.
public enum ModelSource: Sendable, Equatable {
  /// A Hugging Face directory, or a LoRA directory and the one of its base.
  case directory(String, base: String? = nil)
  /// Random weights of a published shape, with at most so many decoder layers.
  case dummy(ModelShape, layers: Int? = nil, seed: UInt64 = 0)
}

/// A loaded om-LLM thinker: tokenizer, encoders and decoder. Immutable; share it freely.
public struct Thinker: Sendable {
  /// The directory, or the name of the shape that the weights were made up for.
  public let directory: String
  /// The directory of the base, where `directory` holds a LoRA adapter.
  public let base: String?
  /// Whether the weights are random: answers mean nothing, times do.
  public let isDummy: Bool
  public let configuration: OmniConfiguration
  /// What products are computed in.
  public let precision: Precision
  /// The type most weights are stored in, by its `torch_dtype` name.
  public let dtype: String
  public let parameters: Int
  public let tokenizer: Tokenizer
  /// The ids that stand for media in a prompt.
  let tokens: ResolvedTokens
  /// Ids that end an answer.
  public let stopTokens: Set<Int>
  /// Drop layers found for this very checkpoint, where it brings any, or published for its family.
  public let publishedDrops: PublishedDrops?
  /// Which files, keys and tensors decided about the checkpoint.
  public let facts: [CheckpointFact]
  let chatStyle: ChatStyle
  /// The checkpoint's chat template, where it has the form of that style.
  let chatTemplate: ChatTemplate?
  /// Whether its template opens `<think>` itself: answers then begin inside their reasoning.
  public var opensReasoning: Bool { chatStyle.answerOpening.contains("<think>") }
  let preprocessor: PreprocessorConfiguration
  let decoder: LanguageModel
  let vision: any VisionEncoder
  /// Nil for a family that takes no sound.
  let audio: (any AudioEncoder)?

  /// - Throws: `CheckpointError`, before reading weights that would not fit in memory.
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
  ///   - base: where `directory` holds a LoRA adapter, the model that it is merged into.
  ///   - compute: what products are to be computed in.
  ///   - cache: where packed weights are kept for the next time; nil packs them every time.
  ///   - onCache: told what becomes of the cache.
  /// - Throws: `CheckpointError`, before reading weights that would not fit in memory.
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
    if let adapter { try reading.adapt(adapter) }
    let checkpoint = reading
    try checkpoint.check(configuration, path: directory + "/config.json")
    configuration.text.tiesEmbeddings = try checkpoint.tiesEmbeddings(configuration.ties)
    self.configuration = configuration
    let content = checkpoint.content
    dtype = content.name
    parameters = content.parameters
    precision = compute.precision(stored: content.type, parameters: content.parameters)
    let forecast = MemoryForecast(
      parameters: content.parameters, unread: configuration.text.unreadParameters, precision)
    try forecast.check(directory)
    let (settled, precision) = (configuration, precision)
    let load = { (packing: Packing) throws(CheckpointError) in
      try Self.parts(settled, Weights(.checkpoint(checkpoint), precision, packing))
    }
    if let cache, precision == .bfloat16 {
      (decoder, vision, audio) = try cache.load(
        CheckpointIdentity(checkpoint), bytes: forecast.weights, tell: onCache, load)
    } else {
      (decoder, vision, audio) = try load(.memory)
    }
    facts =
      configuration.facts + tokens.facts + preprocessor.facts + chat.facts
      + checkpoint.facts(configuration.ties)
  }

  /// Makes up a model of a published shape.
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
    try MemoryForecast(
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

/// Drop layers and a late layer that somebody found good.
public struct PublishedDrops: Sendable, Equatable {
  public let dropLayers: [Int]
  /// Nil never removes.
  public let lateLayer: Int?

  init(dropLayers: [Int], lateLayer: Int?) {
    (self.dropLayers, self.lateLayer) = (dropLayers, lateLayer)
  }

  /// `seats.json` beside the weights: what this checkpoint's own dependency curve suggests.
  init?(directory: String, layers: Int) throws(CheckpointError) {
    let path = directory + "/seats.json"
    guard let file = try JSONFile.ifPresent(path)?.decode(SeatsFile.self) else { return nil }
    let check = Check(path: path)
    for layer in file.drop_layers { _ = try check.positive(layer, "drop_layers", limit: layers) }
    if let late = file.late_layer { _ = try check.positive(late, "late_layer", limit: layers + 1) }
    dropLayers = file.drop_layers
    lateLayer = file.late_layer
  }
}
