import Foundation

/// A fingerprint of a model's files, one hash per part, independent of the directory.
public struct ModelFingerprint: Sendable, Equatable, Codable {
  /// Hash of the thinker's weight files: sizes, tensor tables and sampled bytes.
  public let weights: String
  /// Hash of `config.json` and other files that affect the computation.
  public let configuration: String
  /// Hash of the tokenizer's files.
  public let tokenizer: String
  /// Hash of the image and audio preprocessor's files.
  public let preprocessing: String

  public init(weights: String, configuration: String, tokenizer: String, preprocessing: String) {
    self.weights = weights
    self.configuration = configuration
    self.tokenizer = tokenizer
    self.preprocessing = preprocessing
  }

  /// Computes the fingerprint; reads about 1 MiB of each weight file, and small files completely.
  /// - Parameters:
  ///   - directory: a Hugging Face model directory, or a LoRA directory.
  ///   - base: the model that the LoRA adapter is merged into.
  /// - Throws: `CheckpointError`.
  public init(directory: String, base: String? = nil) throws(CheckpointError) {
    let adapter = base.map { _ in directory }
    let directory = base ?? directory
    var checkpoint = try Checkpoint(directory)
    if let adapter { try checkpoint.adapt(adapter) }
    let merged = checkpoint.adapter.map { [$0.file] } ?? []
    let files = (checkpoint.opened + merged).map { file in
      let name = (file.file.path as NSString).lastPathComponent
      let header = String(file.headerChecksum, radix: 16)
      return "\(name) \(header) \(FileFingerprint.of(file.file.path) ?? "")"
    }
    func part(_ names: [String]) -> String { FileFingerprint.of(names, in: directory) ?? "" }
    let settings = adapter.flatMap { FileFingerprint.of(["adapter_config.json"], in: $0) } ?? ""
    let own = checkpoint.quantization.isUsed ? part(QuantizationSettings.ownFiles) : ""
    self.init(
      weights: FileFingerprint.of(text: files.sorted().joined(separator: "\n")),
      ownSettings: own + settings, in: directory)
  }

  /// A model with the small files in `directory`.
  private init(weights: String, ownSettings: String = "", in directory: String) {
    self.weights = weights
    func part(_ names: [String]) -> String { FileFingerprint.of(names, in: directory) ?? "" }
    configuration = part(["config.json", "generation_config.json"]) + ownSettings
    tokenizer = part([
      "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "added_tokens.json",
      "special_tokens_map.json", "chat_template.json", "chat_template.jinja",
    ])
    preprocessing = part([
      "preprocessor_config.json", "processor_config.json", "video_preprocessor_config.json",
    ])
  }
}

extension ModelFingerprint {
  /// A model of another process, which states the hash of its checkpoint.
  init(_ remote: RemoteModel) {
    self.init(weights: remote.fingerprint, in: remote.directory)
  }
}

extension Thinker {
  /// Its fingerprint, which does not depend on its directory.
  /// - Throws: `CheckpointError`.
  public func fingerprint() throws(CheckpointError) -> ModelFingerprint {
    if let remote { return ModelFingerprint(remote) }
    return try ModelFingerprint(directory: directory, base: base)
  }
}
