import ArgumentParser
import Foundation
import OmniModel

/// Options that select the model.
struct ModelOptions: ParsableArguments {
  @Option(
    help: """
      Model directory in Hugging Face layout, or a repository in the Hugging Face cache such as \
      Qwen/Qwen2.5-Omni-3B (default: the embedded model).
      """, completion: .directory)
  var model: String?

  @OptionGroup var base: BaseOption

  @Option(help: "auto reads the model's weights; dummy uses random weights of --shape.")
  var loadFormat = LoadFormat.auto

  @Option(help: "Sizes of dummy weights: \(FamilyHelp.shapes).")
  var shape: ModelShape?

  @Option(help: "Number of decoder layers of dummy weights, 1 to 1000 (default: all).")
  var layers: Int?

  func validate() throws {
    try StandardStream.refuse(model, as: "--model")
    if let layers, !(1...1000).contains(layers) {
      throw ValidationError("--layers takes a count from 1 to 1000, not \(layers).")
    }
    switch loadFormat {
    case .auto:
      guard shape == nil, layers == nil else {
        throw ValidationError("--shape and --layers require --load-format dummy.")
      }
    case .dummy:
      guard model == nil else {
        throw ValidationError("--load-format dummy takes --shape, not --model.")
      }
      guard base.base == nil else {
        throw ValidationError("--load-format dummy takes --shape, not --base.")
      }
      guard base.engine == nil else {
        throw ValidationError("--load-format dummy takes --shape, not --engine.")
      }
      guard shape != nil else {
        let names = ModelShape.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--load-format dummy needs --shape: one of \(names).")
      }
    }
  }

  /// The model that these options select.
  /// - Parameter standard: default model; nil for the embedded model.
  /// - Parameter standardBase: base model of `standard`, if that is a LoRA directory.
  func source(
    _ share: ShareDirectory, standard: String? = nil, standardBase: String? = nil
  ) throws -> ModelSource {
    if let shape { return .dummy(shape, layers: layers) }
    if base.engine != nil { return try base.source(nil, share) }
    return try base.source(
      model ?? standard, share, standard: model == nil ? standardBase : nil)
  }

  /// Path of a model: `name` itself if it is a directory, otherwise the folder of that downloaded
  /// repository.
  static func directory(_ name: String) throws(CheckpointError) -> String {
    guard HubCache.isRepository(name), !FileManager.default.fileExists(atPath: name) else {
      return name
    }
    return try HubCache().snapshot(of: name)
  }
}

enum LoadFormat: String, ExpressibleByArgument, CaseIterable {
  case auto, dummy
}

extension ModelShape: ExpressibleByArgument {
  public init?(argument: String) { self.init(name: argument) }

  public static var allValueStrings: [String] { allCases.map(\.rawValue) }
}
