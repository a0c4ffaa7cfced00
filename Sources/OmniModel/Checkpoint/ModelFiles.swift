/// Everything of a model directory but its weights: configuration, tokenizer, preparation of prompts, chat style.
struct ModelFiles: Sendable {
  var configuration: OmniConfiguration
  let preprocessor: PreprocessorConfiguration
  let tokenizer: Tokenizer
  let tokens: ResolvedTokens
  let chatStyle: ChatStyle
  let chatTemplate: ChatTemplate?
  let stopTokens: Set<Int>
  let publishedDrops: PublishedDrops?
  private let chatFacts: [CheckpointFact]

  /// Facts for the audit: files and keys that determined these values.
  var facts: [CheckpointFact] {
    configuration.facts + tokens.facts + preprocessor.facts + chatFacts
  }

  private static let endings = ["<|im_end|>", "<|endoftext|>"]

  /// Reads a model directory.
  init(directory: String) throws(CheckpointError) {
    configuration = try OmniConfiguration(directory: directory)
    preprocessor = try PreprocessorConfiguration(directory: directory, configuration)
    tokenizer = try Tokenizer(directory: directory)
    tokens = try configuration.tokens.resolved(tokenizer, path: directory + "/config.json")
    let chat = try ChatStyle.read(directory: directory, configuration.definition)
    (chatStyle, chatTemplate, chatFacts) = (chat.style, chat.template, chat.facts)
    stopTokens = try Self.stopTokens(directory, tokenizer)
    publishedDrops =
      try PublishedDrops(directory: directory, layers: configuration.text.layers)
      ?? configuration.definition.published.drops[configuration.text.layers]
  }

  /// The published values of a model's sizes, with a tokenizer of bytes.
  init(_ shape: ModelShape, _ configuration: OmniConfiguration) throws(CheckpointError) {
    self.configuration = configuration
    preprocessor = .published(configuration.definition)
    (chatStyle, chatTemplate, chatFacts) = (.standard(configuration.definition), nil, [])
    tokenizer = try .bytes()
    tokens = try configuration.tokens.resolved(tokenizer, path: shape.rawValue)
    stopTokens = Set(Self.endings.compactMap(tokenizer.id))
    publishedDrops = configuration.definition.published.drops[configuration.text.layers]
  }

  /// Stop tokens: `eos_token_id` of generation_config.json, otherwise the tokens that end a turn or
  /// a text.
  private static func stopTokens(
    _ directory: String, _ tokenizer: Tokenizer
  ) throws(CheckpointError) -> Set<Int> {
    let file = try JSONFile.ifPresent(directory + "/generation_config.json")
    let given = try file?.decode(GenerationFile.self).eos_token_id?.ids ?? []
    return Set(given.isEmpty ? endings.compactMap { tokenizer.id(of: $0) } : given)
  }
}
