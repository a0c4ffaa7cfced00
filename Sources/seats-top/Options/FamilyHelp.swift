import OmniModel

/// Help texts about the supported model families.
enum FamilyHelp {
  /// Names of the model families as text: `Qwen2.5-Omni or Qwen3-Omni`.
  static var names: String { either(ModelFamily.allCases.map(\.rawValue)) }

  static var shapes: String { either(ModelShape.allValueStrings) }

  /// Window temperature τ of the default model family, and those of other families if different.
  static var windowTemperatures: String { each { "\($0.published.windowTemperature)" } }

  /// Pixel bounds of a frame and of all frames, per model family.
  static var leastPixels: String { each { "\(pixels($0).least)" } }
  static var mostPixels: String { each { "\(pixels($0).most)" } }
  static var totalPixels: String {
    each { "\(MediaFrameResizing.publishedTotal(unit: $0.published.mediaUnit))" }
  }

  private static func pixels(_ family: ModelFamily) -> PixelBounds {
    MediaFrameResizing.publishedBounds(unit: family.published.mediaUnit)
  }

  /// The value for the default model family, and those of other families if different.
  private static func each(_ value: (ModelFamily) -> String) -> String {
    let standard = value(.standard)
    let others = ModelFamily.allCases.filter { value($0) != standard }
    return ([standard] + others.map { "for \($0.rawValue) \(value($0))" }).joined(separator: ", ")
  }

  private static func either(_ names: [String]) -> String {
    [names.dropLast().joined(separator: ", "), names.suffix(1).joined()]
      .filter { !$0.isEmpty }.joined(separator: " or ")
  }
}
