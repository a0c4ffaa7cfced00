import Basics
import Media
import OmniModel

/// Input settings from all sources, by descending precedence: command-line options and screen,
/// task, the clip's `clip.toml`, `config.toml`, published defaults. A preset ranks just below the
/// other settings of its source.
public struct InputLayers: Sendable, Equatable {
  public var asked: InputSettings
  public var task = InputSettings()
  public var standard: InputSettings

  public init(asked: InputSettings = InputSettings(), standard: InputSettings = InputSettings()) {
    self.asked = asked
    self.standard = standard
  }

  /// A copy with the input settings of a task.
  public func with(task: InputSettings) -> InputLayers {
    var layers = self
    layers.task = task
    return layers
  }

  /// The input settings in use for a clip, with presets expanded.
  /// - Parameter clip: settings of the clip's `clip.toml`.
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
  /// Loads the clip or the conversation of a request.
  /// - Parameter onProgress: receives the progress of decoding.
  init(
    _ request: RunRequest, _ thinker: Thinker,
    _ onProgress: @escaping @Sendable (WorkProgress) -> Void = { _ in }
  ) async throws {
    if let messages = request.messages {
      try await self.init(messages: messages, request.input, thinker, onProgress: onProgress)
      if let asked = request.asked { ask(asked) }
    } else if let render = request.rendered {
      let family = thinker.configuration.family
      let clip = try render(try request.input.inForce(InputSettings(), for: family))
      self.init(request.asked.map { clip.asking($0) } ?? clip, for: thinker)
    } else {
      let clip = try await request.input.clip(
        request.clip, question: request.asked?.question ?? request.question, thinker,
        onProgress: onProgress)
      self.init(request.asked.map { clip.asking($0) } ?? clip, for: thinker)
    }
  }
}

extension InputLayers {
  /// Loads a clip with these settings.
  /// - Parameter onProgress: receives the progress of decoding.
  public func clip(
    _ path: String, question: String? = nil, _ thinker: Thinker,
    onProgress: @escaping @Sendable (WorkProgress) -> Void = { _ in }
  ) async throws -> Clip {
    // A media file has no own settings.
    let settings = try inForce(InputSettings(), for: thinker.configuration.family)
    return try await Clip.load(
      EngineFile.local(path, thinker, onProgress: onProgress), question: question,
      settings: policy(for: thinker),
      prepare: OpenedRun.resizing(settings, for: thinker.configuration.family, onProgress)
    ).named(path)
  }
}
