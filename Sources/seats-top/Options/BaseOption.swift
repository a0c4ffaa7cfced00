import ArgumentParser
import Foundation
import OmniModel
import RemoteEngine

/// Where a model is, besides `--model`: the base of a LoRA directory, or an engine elsewhere.
struct BaseOption: ParsableArguments {
  @Option(
    help: """
      Base model of a LoRA directory that --model names: a directory or a repository (default: the \
      one in its adapter_config.json).
      """, completion: .directory)
  var base: String?

  @Option(
    help: ArgumentHelp(
      """
      A command that runs the model in another process, here or over ssh, instead of --model: \
      "python -m seats_trace.engine --model DIR" (see docs/engine-protocol.md).
      """, valueName: "command"))
  var engine: String?

  /// The model named by `--model`, with its base model if it is a LoRA directory, or that of
  /// `--engine`; without both, the embedded model.
  /// - Parameter standard: base model to use if `--base` is not given.
  /// - Throws: `CheckpointError`.
  func source(
    _ model: String?, _ share: ShareDirectory, standard: String? = nil
  ) throws -> ModelSource {
    if let engine { return .engine(EngineOpening(command: engine)) }
    guard let model else {
      guard base == nil else { throw ValidationError("--base requires --model.") }
      return .directory(try share.embeddedModel())
    }
    let directory = try ModelOptions.directory(model)
    guard LoRADirectory.isAlone(in: directory) else {
      guard base == nil else {
        throw ValidationError("--base requires a LoRA directory, and \(model) is not one.")
      }
      return .directory(directory)
    }
    return .directory(directory, base: try Self.base(of: directory, given: base ?? standard))
  }

  /// Rejects options that an engine's own command has.
  /// - Parameter model: `--model`, if it is given.
  func check(model: String?, _ products: ComputeOptions) throws {
    guard engine != nil else { return }
    let given = [
      ("--model", model != nil), ("--base", base != nil), ("--threads", products.threads != nil),
      ("--compute", products.compute != .auto), ("--no-cache", products.bypassesCache),
      ("--memory", products.memory != nil),
    ]
    if let (name, _) = given.first(where: \.1) {
      throw ValidationError(
        "\(name) does not apply with --engine: give it to the engine's own command.")
    }
  }

  private static func base(of adapter: String, given: String?) throws -> String {
    let named = try LoRADirectory.baseName(of: adapter)
    guard let name = given ?? named else {
      throw CheckpointError.adapter(
        .noBase(
          adapter: adapter, base: nil,
          reason: "its adapter_config.json has no base_model_name_or_path"))
    }
    if given != nil { return try ModelOptions.directory(name) }
    let isLocal = FileManager.default.fileExists(atPath: name)
    guard isLocal || HubCache.isRepository(name) else {
      throw CheckpointError.adapter(
        .noBase(adapter: adapter, base: name, reason: "no such directory"))
    }
    guard !isLocal else { return name }
    let cache = HubCache()
    guard let snapshot = try? cache.snapshot(of: name) else {
      throw CheckpointError.adapter(
        .noBase(
          adapter: adapter, base: name,
          reason: "that is not in the Hugging Face cache \(cache.directory)"))
    }
    return snapshot
  }
}
