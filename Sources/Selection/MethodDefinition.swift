/// A method: its name, what there is to set about it, and the plan it makes.
public struct MethodDefinition: Sendable {
  public let method: SelectionMethod
  /// What it does, in half a line.
  public let summary: String
  /// Settings that change what it does; it ignores the others.
  public let parameters: [SelectionParameter]
  let plan: @Sendable (SelectionSettings, PromptShape) -> SelectionPlan
  /// Settings of another method that do the same; the same settings for most.
  var equivalent: @Sendable (SelectionSettings) -> SelectionSettings = { $0 }
}
