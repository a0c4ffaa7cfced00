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
    guard let start = try link.start(with: ["files"]), let request = start.sent.first else {
      throw EngineFault(.malformed, reason: "an engine that runs already")
    }
    let facts = try EngineFacts(start.hello)
    let files = try CheckpointFiles(link.answer(request, Cancellation()))
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

  let copies = CopiedFiles()

  func engine(for prompt: EnginePrompt) -> any PrefillEngine { RemoteEngine(prompt, link, facts) }

  func copy(
    _ path: String, of host: String, onProgress: (_ done: Int, _ total: Int) -> Void
  ) throws(EngineFault) -> String {
    guard host == "engine" || link.names(host) else { throw EngineFault(.otherHost, reason: host) }
    try link.start()
    return try copies.copy(path, link, onProgress: onProgress)
  }
}

/// The small files of a remote checkpoint, in a temporary directory that is deleted with this object.
final class CheckpointFiles: Sendable {
  private let place: ScratchDirectory
  var path: String { place.path }

  private static let known = [
    "config.json", "generation_config.json", "preprocessor_config.json",
    "video_preprocessor_config.json", "processor_config.json", "chat_template.json",
    "chat_template.jinja", "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt",
    "added_tokens.json", "special_tokens_map.json", "seats.json",
  ]

  /// - Parameter answer: the answer to the request `files`.
  init(_ answer: EngineFrame) throws(EngineFault) {
    place = try ScratchDirectory()
    do {
      // Other names are not written: one could be a path outside the directory.
      for (name, tensor) in answer.tensors where Self.known.contains(name) && tensor.kind == .u8 {
        try tensor.bytes.write(to: URL(filePath: place.path).appending(path: name))
      }
    } catch {
      throw EngineFault(.failed, reason: "\(place.path) cannot be written")
    }
  }
}
