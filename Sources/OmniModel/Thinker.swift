import Foundation
import Tensors

/// Where the weights of a model come from: a directory or a random generator.
public enum ModelSource: Sendable, Equatable {
  /// A Hugging Face model directory, or a LoRA directory with the directory of its base model.
  case directory(String, base: String? = nil)
  /// Random weights with the sizes of a published model, with at most `layers` decoder layers.
  case dummy(ModelShape, layers: Int? = nil, seed: UInt64 = 0)
  /// A model that another process computes.
  case engine(EngineOpening)

  /// Whether another process computes it.
  public var isElsewhere: Bool { if case .engine = self { true } else { false } }
}

/// A loaded omni-modal or vision-language model (thinker): tokenizer, encoders and decoder.
/// Immutable and thread-safe.
public struct Thinker: Sendable {
  /// The model directory, or the name of the published sizes if weights are random.
  public let directory: String
  /// Directory of the base model if `directory` is a LoRA adapter; otherwise nil.
  public let base: String?
  /// Whether the weights are random: answers are meaningless, but times are valid.
  public let isDummy: Bool
  /// Everything of the model directory but its weights.
  private let files: ModelFiles
  public var configuration: OmniConfiguration { files.configuration }
  /// Precision of matrix products.
  public let precision: Precision
  /// Element type of most stored weights, as in `torch_dtype`.
  public let dtype: String
  public let parameters: Int
  public var tokenizer: Tokenizer { files.tokenizer }
  /// Ids of the special tokens that stand for media in a prompt.
  var tokens: ResolvedTokens { files.tokens }
  /// Ids of the tokens that end an answer.
  public var stopTokens: Set<Int> { files.stopTokens }
  /// Drop layers and late layer for this checkpoint (`seats.json`), or those published for its
  /// model family; nil if there are none.
  public var publishedDrops: PublishedDrops? { files.publishedDrops }
  /// Facts for the audit: files, keys and tensors that determined the model's properties.
  public let facts: [CheckpointFact]
  var chatStyle: ChatStyle { files.chatStyle }
  /// The checkpoint's chat template; nil if it is missing or not in Qwen's format.
  var chatTemplate: ChatTemplate? { files.chatTemplate }
  /// Whether the chat template opens `<think>`, so that answers begin inside the reasoning.
  public var opensReasoning: Bool { chatStyle.answerOpening.contains("<think>") }
  var preprocessor: PreprocessorConfiguration { files.preprocessor }
  /// The process that computes it, where that is another one.
  public let remote: RemoteModel?
  /// Nil where another process computes.
  private let parts: Parts?
  /// On-disk cache of encoder outputs; nil if they are not cached.
  let encodings: CachedEncodings?
  /// The upper bound on memory that was requested; nil for none.
  let memory: MemoryBound?
  /// Loads and evicts streamed weights; nil if all weights are resident.
  let window: WeightWindow?
  /// Estimates for streamed weights; nil if all weights are resident.
  public let streaming: StreamingPlan?

  /// Statistics of streamed weights so far; nil if all weights are resident.
  public var weightTraffic: WeightTraffic? { streaming == nil ? nil : window?.traffic }

  /// Loads a model from any source.
  /// - Throws: `CheckpointError`; weights that do not fit in memory are rejected before they are
  ///   read.
  public init(
    _ source: ModelSource, compute: ComputeChoice = .auto, cache: PackedCache? = nil,
    memory: MemoryBound? = nil, onEvent: @escaping @Sendable (LoadingEvent) -> Void = { _ in }
  ) throws(CheckpointError) {
    switch source {
    case .directory(let path, let base):
      try self.init(
        directory: path, base: base, compute: compute, cache: cache, memory: memory,
        onEvent: onEvent)
    case .dummy(let shape, let layers, let seed):
      try self.init(
        shape, layers: layers, seed: seed, compute: compute, memory: memory, onEvent: onEvent)
    case .engine(let opening): try self.init(try opening { onEvent(.engineLine($0)) })
    }
  }

  /// Creates a model that another process computes: everything but its weights is read.
  public init(_ remote: RemoteModel) throws(CheckpointError) {
    self.remote = remote
    (parts, encodings, memory, window, streaming) = (nil, nil, nil, nil, nil)
    directory = remote.name
    base = nil
    isDummy = false
    files = try ModelFiles(directory: remote.directory)
    (dtype, parameters, precision) = (remote.dtype, remote.parameters, .single)
    facts = files.facts
  }

  /// Loads a model from a Hugging Face directory.
  /// - Parameters:
  ///   - base: directory of the base model if `directory` is a LoRA adapter.
  ///   - compute: precision of matrix products.
  ///   - cache: cache of packed weights; nil packs them at every start.
  ///   - memory: upper bound on memory; nil for the available memory.
  ///   - onEvent: receives events of the cache, of streaming, and of loading progress.
  /// - Throws: `CheckpointError`; weights that do not fit in memory are rejected before they are
  ///   read.
  public init(
    directory: String, base: String? = nil, compute: ComputeChoice = .auto,
    cache: PackedCache? = nil, memory: MemoryBound? = nil,
    onEvent: @escaping @Sendable (LoadingEvent) -> Void = { _ in }
  ) throws(CheckpointError) {
    try ForeignFormat.check(base ?? directory)
    self.directory = directory
    self.base = base
    isDummy = false
    let adapter = base.map { _ in directory }
    let directory = base ?? directory
    var files = try ModelFiles(directory: directory)
    var configuration = files.configuration
    var reading = try Checkpoint(directory)
    reading.mayTransposeExperts = configuration.definition.tensors.mayTransposeExperts
    if let adapter { try reading.adapt(adapter) }
    let checkpoint = reading
    try checkpoint.check(configuration, path: directory + "/config.json")
    configuration.text.tiesEmbeddings = try checkpoint.tiesEmbeddings(configuration.ties)
    files.configuration = configuration
    self.files = files
    let content = checkpoint.content
    dtype = content.name
    parameters = content.parameters
    precision = compute.precision(stored: content.type, parameters: content.parameters)
    let forecast = ModelMemoryEstimate(
      parameters: content.parameters, unread: configuration.text.unreadParameters, precision)
    let (settled, precision) = (configuration, precision)
    let window = { WeightWindow.needed(for: forecast.weights, asked: memory) }
    let load = { (packing: Packing) throws(CheckpointError) in
      let (window, meter) = (window(), packing.meter(forecast.weights, report: onEvent))
      defer { meter?.finish() }
      return try Parts(
        settled,
        Weights(.checkpoint(checkpoint), precision, packing, window: window, meter: meter))
    }
    let parts: Parts
    if let cache, precision == .bfloat16 {
      let source = CheckpointIdentity(checkpoint)
      let report = { @Sendable in onEvent(.cache($0)) }
      // Weights that are streamed in every run are not copied to the cache.
      parts =
        try window() == nil
        ? cache.load(source, bytes: forecast.weights, report: report, load)
        : cache.loadIfThere(source, report: report, load)
    } else {
      parts = try load(.memory)
    }
    encodings = cache.flatMap { cache in
      cache.mostEncodingBytes > 0
        ? CachedEncodings(
          cache, CheckpointIdentity(checkpoint), directory: directory, precision, report: onEvent)
        : nil
    }
    (remote, self.parts, self.window) = (nil, parts, parts.window)
    self.memory = memory
    let largest = checkpoint.opened.max { $0.file.count < $1.file.count }
    streaming = try parts.streaming(
      directory, configuration, file: largest?.file.path, isAsked: memory != nil)
    if let streaming { onEvent(.streamed(streaming)) }
    facts = files.facts + checkpoint.facts(configuration.ties)
  }

  /// Creates a model with random weights and the sizes of a published model.
  private init(
    _ shape: ModelShape, layers: Int?, seed: UInt64, compute: ComputeChoice, memory: MemoryBound?,
    onEvent: @escaping @Sendable (LoadingEvent) -> Void
  ) throws(CheckpointError) {
    directory = shape.rawValue
    base = nil
    isDummy = true
    let configuration = try shape.configuration(layers: layers)
    files = try ModelFiles(shape, configuration)
    facts = []
    dtype = ElementType.bfloat16.name
    parameters = configuration.parameters
    precision = compute.precision(stored: .bfloat16, parameters: parameters)
    let forecast = ModelMemoryEstimate(
      parameters: parameters, unread: configuration.text.unreadParameters, precision)
    let meter = LoadingMeter(.making, total: forecast.weights, report: onEvent)
    let parts = try Parts(
      configuration,
      Weights(
        .random(RandomWeights(seed: seed)), precision,
        window: WeightWindow.needed(for: forecast.weights, asked: memory), meter: meter))
    meter.finish()
    // Random weights are used to measure time, so outputs are not cached.
    encodings = nil
    (remote, self.parts, window) = (nil, parts, parts.window)
    self.memory = memory
    streaming = try parts.streaming(
      shape.rawValue, configuration, file: nil, isAsked: memory != nil)
    if let streaming { onEvent(.streamed(streaming)) }
  }

  private var loaded: Parts {
    guard let parts else { preconditionFailure("the weights of \(directory) are elsewhere") }
    return parts
  }

  var decoder: LanguageModel { loaded.decoder }
  var vision: any VisionEncoder { loaded.vision }
  /// Audio encoder; nil for a model family without audio.
  var audio: (any AudioEncoder)? { loaded.audio }

  /// Decodes token ids to text.
  public func text(_ ids: [Int]) -> String { tokenizer.decode(ids) }
}

/// The parts of a model that are created from weights.
private struct Parts: Sendable {
  let decoder: LanguageModel
  let vision: any VisionEncoder
  let audio: (any AudioEncoder)?
  let window: WeightWindow?

  init(_ configuration: OmniConfiguration, _ weights: Weights) throws(CheckpointError) {
    let (width, towers) = (configuration.text.hiddenSize, configuration.definition.tensors)
    let (vision, audio) = (configuration.vision, configuration.audio)
    window = weights.window
    decoder = try LanguageModel(configuration.text, weights)
    self.vision = try vision.design.encoder(vision, outputs: width, weights[towers.vision])
    guard let audio, let tower = towers.audio else {
      self.audio = nil
      return
    }
    self.audio = try audio.design.encoder(audio, outputs: width, weights[tower])
  }

  /// Estimates for streamed weights; nil if all weights are resident.
  /// - Throws: `CheckpointError.tooLarge` if streaming also needs more memory than available.
  func streaming(
    _ model: String, _ configuration: OmniConfiguration, file: String?, isAsked: Bool
  ) throws(CheckpointError) -> StreamingPlan? {
    guard let window else { return nil }
    try window.check(model)
    let experts = configuration.text.experts
    let share = experts.map { Double($0.active) / Double(max(1, $0.count)) } ?? 1
    return window.plan(model, share: share, file: file, isAsked: isAsked)
  }
}

/// Recommended drop layers and late layer of a model.
public struct PublishedDrops: Sendable, Equatable {
  public let dropLayers: [Int]
  /// First layer that processes text tokens only; nil for no late removal.
  public let lateLayer: Int?

  init(dropLayers: [Int], lateLayer: Int?) {
    (self.dropLayers, self.lateLayer) = (dropLayers, lateLayer)
  }

  /// Reads `seats.json` of a checkpoint: drop layers and late layer proposed by its dependency
  /// curve; nil if there is no such file.
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
