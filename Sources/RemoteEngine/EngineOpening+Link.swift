import Basics
import Foundation
import OmniModel

extension EngineOpening {
  /// How to start an engine with a command.
  /// - Parameter patience: seconds without a message, after which the engine counts as lost.
  public init(command: String, patience: Int = 60) {
    self.init(command: command) { (onLine: @escaping LineReceiver) throws(EngineFault) in
      let link = try EngineLink(command: command, patience: patience, onLine: onLine)
      return try RemoteModel(link)
    }
  }
}

extension RemoteModel {
  /// Starts the engine; reads its facts and the files that prepare its prompts.
  public init(_ link: EngineLink) throws(EngineFault) {
    guard let hello = try link.start() else {
      throw EngineFault(.malformed, reason: "an engine that runs already")
    }
    let facts = try EngineFacts(hello)
    let files = try CheckpointFiles(link.ask("files"))
    self.init(
      name: facts.name, directory: files.path, dtype: facts.dtype, parameters: facts.parameters,
      compute: facts.compute, engine: facts.words, bytesPerNumber: facts.bytesPerNumber,
      fingerprint: facts.fingerprint,
      source: LinkedEngine(link: link, facts: facts, files: files))
  }
}

/// Creates engines that share one connection.
private struct LinkedEngine: EngineSource {
  let link: EngineLink
  let facts: EngineFacts
  /// Temporary files of the checkpoint, kept as long as the model.
  let files: CheckpointFiles

  func engine(for prompt: EnginePrompt) -> any PrefillEngine { RemoteEngine(prompt, link, facts) }
}

/// The small files of a remote checkpoint, in a temporary directory that is deleted with this object.
final class CheckpointFiles: Sendable {
  let path: String

  private static let known = [
    "config.json", "generation_config.json", "preprocessor_config.json",
    "video_preprocessor_config.json", "processor_config.json", "chat_template.json",
    "chat_template.jinja", "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt",
    "added_tokens.json", "special_tokens_map.json", "seats.json",
  ]

  /// - Parameter answer: the answer to the request `files`.
  init(_ answer: EngineFrame) throws(EngineFault) {
    let place = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-engine-\(UUID().uuidString)")
    path = place.path
    do {
      try FileManager.default.createDirectory(
        at: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      // Other names are not written: one could be a path outside the directory.
      for (name, tensor) in answer.tensors where Self.known.contains(name) && tensor.kind == .u8 {
        try tensor.bytes.write(to: place.appending(path: name))
      }
    } catch {
      throw EngineFault(.failed, reason: "\(place.path) cannot be written")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
