/// Settings and their plan for a prompt, computed once where they are chosen.
public struct PlannedSettings: Sendable, Equatable {
  public let settings: SelectionSettings
  /// The prompt of the plan.
  public let shape: PromptShape
  public let plan: SelectionPlan

  public init(_ settings: SelectionSettings, for shape: PromptShape) {
    self.settings = settings
    self.shape = shape
    plan = settings.plan(for: shape)
  }

  /// Replans for another prompt: the clip may have been reloaded since.
  public func planned(for shape: PromptShape) -> PlannedSettings {
    shape == self.shape ? self : PlannedSettings(settings, for: shape)
  }
}
