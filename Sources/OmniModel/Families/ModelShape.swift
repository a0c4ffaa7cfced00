/// The sizes of a published model, to run it with random weights.
///
/// The values are those of the published `config.json`, reduced to the keys that are read.
public struct ModelShape: Sendable, Equatable {
  /// Name for the option `--shape`, such as `qwen3-omni-30b-a3b`.
  public let rawValue: String
  /// Size of the model, a unique suffix of the name: `30b-a3b`.
  private let size: String
  private let json: String

  init(_ name: String, size: String, json: String) {
    (rawValue, self.size, self.json) = (name, size, json)
  }

  /// Finds a shape by name or by a unique suffix: `3b`, `7b`, `30b`, `30b-a3b`.
  public init?(name: String) {
    let name = name.lowercased()
    let shape =
      Self.allCases.first { $0.rawValue == name } ?? Self.allCases.first { $0.isCalled(name) }
    guard let shape else { return nil }
    self = shape
  }

  private func isCalled(_ name: String) -> Bool {
    name == size.prefix { $0 != "-" }
      || name.hasSuffix(size) && rawValue.hasSuffix("-" + name)
  }

  /// The model configuration, with at most `layers` decoder layers.
  public func configuration(layers: Int? = nil) throws(CheckpointError) -> OmniConfiguration {
    let file = JSONFile(text: json, path: rawValue)
    var configuration = try OmniConfiguration(file)
    if let layers { configuration.text.layers = min(layers, configuration.text.layers) }
    return configuration
  }
}

extension ModelShape: CustomStringConvertible {
  public var description: String { rawValue }
}

extension ModelShape: CaseIterable {
  /// Sizes of the published models of all families.
  public static var allCases: [ModelShape] { FamilyList.all.flatMap(\.shapes) }
}
