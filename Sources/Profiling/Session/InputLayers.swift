import Media
import OmniModel

/// Where settings of the input come from. What is asked for (options, the screen) has most say, then
/// a task, then the clip's own `clip.toml`, then what `config.toml` names as standard, then the
/// published defaults. A preset stands just below the other settings of the place that names it.
public struct InputLayers: Sendable, Equatable {
  public var asked: InputSettings
  public var task = InputSettings()
  public var standard: InputSettings

  public init(asked: InputSettings = InputSettings(), standard: InputSettings = InputSettings()) {
    self.asked = asked
    self.standard = standard
  }

  /// The same with the settings of one task.
  func with(task: InputSettings) -> InputLayers {
    var layers = self
    layers.task = task
    return layers
  }

  /// The settings in force for a clip, presets spelled out.
  /// - Parameter clip: what the clip itself says.
  public func inForce(
    _ clip: InputSettings, for family: ModelFamily
  ) throws(InputFault) -> InputSettings {
    var settings = InputSettings()
    for layer in [standard, clip, task, asked] {
      settings = try Self.spelledOut(layer, family).over(settings)
    }
    return settings
  }

  private static func spelledOut(
    _ layer: InputSettings, _ family: ModelFamily
  ) throws(InputFault) -> InputSettings {
    guard let name = layer.preset else { return layer }
    return layer.over(try InputPreset.named(name).settings(for: family))
  }

  func policy(for thinker: Thinker) -> InputPolicy {
    let family = thinker.configuration.family
    return InputPolicy { [self] (clip) throws(InputFault) in try inForce(clip, for: family) }
  }
}

extension LoadedConversation {
  /// Reads what a request asks about.
  init(_ request: RunRequest, _ thinker: Thinker) async throws {
    if let messages = request.messages {
      try await self.init(messages: messages, request.input, thinker)
    } else {
      let clip = try await EvaluationSet.load(
        request.clip, question: request.question, request.input, thinker)
      self.init(clip, for: thinker)
    }
  }
}

extension EvaluationSet {
  /// Reads a clip, under these settings.
  static func load(
    _ path: String, question: String? = nil, _ layers: InputLayers, _ thinker: Thinker
  ) async throws -> Clip {
    // A media file has no settings of its own.
    let settings = try layers.inForce(InputSettings(), for: thinker.configuration.family)
    return try await Clip.load(
      path, question: question, settings: layers.policy(for: thinker),
      prepare: OpenedRun.resizing(settings))
  }
}
