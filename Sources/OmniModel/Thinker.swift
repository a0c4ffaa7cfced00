import Foundation
import Tensors

/// A loaded om-LLM thinker: tokenizer, encoders and decoder. Immutable; share it freely.
public struct Thinker: Sendable {
  public let directory: String
  public let configuration: OmniConfiguration
  /// The type most weights are stored in, by its `torch_dtype` name. Computation is fp32.
  public let dtype: String
  public let parameters: Int
  public let tokenizer: Tokenizer
  /// Ids that end an answer.
  public let stopTokens: Set<Int>
  /// Drop layers found for this very checkpoint, where it brings any.
  public let publishedDrops: PublishedDrops?
  let preprocessor: PreprocessorConfiguration
  let decoder: LanguageModel
  let vision: any VisionEncoder
  let audio: any AudioEncoder

  /// Loads a Hugging Face directory.
  /// - Throws: `CheckpointError`, before reading weights that would not fit in memory.
  public init(directory: String) throws(CheckpointError) {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory),
      isDirectory.boolValue
    else { throw .notADirectory(path: directory) }
    self.directory = directory
    configuration = try OmniConfiguration(directory: directory)
    preprocessor = try PreprocessorConfiguration(directory: directory)
    tokenizer = try Tokenizer(directory: directory)
    stopTokens = try Self.stopTokens(directory, tokenizer)
    publishedDrops = try PublishedDrops(directory: directory, layers: configuration.text.layers)
    let checkpoint = try Checkpoint(directory)
    let prefix = checkpoint.tensorNames.contains { $0.hasPrefix("thinker.") } ? "thinker." : ""
    let content = checkpoint.content(under: prefix)
    dtype = content.type?.name ?? "unknown"
    parameters = content.parameters
    try Self.checkMemory(content.parameters, directory)
    let weights = Weights(checkpoint, prefix: prefix)
    let width = configuration.text.hiddenSize
    decoder = try LanguageModel(configuration.text, weights)
    vision = try configuration.vision.encoder(outputs: width, weights["visual"])
    audio = try configuration.audio.encoder(outputs: width, weights["audio_tower"])
  }

  /// Refuses weights that take more than the machine has to give, in the precision they are
  /// computed in.
  private static func checkMemory(
    _ parameters: Int, _ directory: String
  ) throws(CheckpointError) {
    let required = parameters.multipliedReportingOverflow(by: MemoryLayout<Float>.size)
    guard let available = MachineMemory.available else { return }
    guard !required.overflow, required.partialValue <= available else {
      throw .tooLarge(
        path: directory, required: required.overflow ? .max : required.partialValue,
        available: available)
    }
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

/// `seats.json` beside the weights: the drop layers and the late layer that this checkpoint's own
/// dependency curve suggests.
public struct PublishedDrops: Sendable, Equatable {
  public let dropLayers: [Int]
  /// Nil never removes.
  public let lateLayer: Int?

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

/// Memory this process may still take.
public enum MachineMemory {
  /// `MemAvailable` of the kernel, in bytes; nil where it is not told.
  public static var available: Int? {
    guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else {
      return nil
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }
}
