/// Selection settings with their plan for a prompt, so that the plan is computed only once.
public struct PlannedSettings: Sendable, Equatable {
  public let settings: SelectionSettings
  /// Token counts of the prompt that the plan was computed for.
  public let shape: PromptShape
  public let plan: SelectionPlan

  public init(_ settings: SelectionSettings, for shape: PromptShape) {
    self.settings = settings
    self.shape = shape
    plan = settings.plan(for: shape)
  }

  /// Computes the plan again for another prompt, for example after the clip was reloaded.
  public func planned(for shape: PromptShape) -> PlannedSettings {
    shape == self.shape ? self : PlannedSettings(settings, for: shape)
  }
}
