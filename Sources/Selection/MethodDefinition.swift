/// The definition of a selection method: name, parameters, and the function that computes its plan.
public struct MethodDefinition: Sendable {
  public let method: SelectionMethod
  /// Short description of the method, for lists and help.
  public let summary: String
  /// Parameters that the method uses.
  public let parameters: [SelectionParameter]
  let plan: @Sendable (SelectionSettings, PromptShape) -> SelectionPlan
  /// Settings of another method with the same plan; by default the same settings.
  var equivalent: @Sendable (SelectionSettings) -> SelectionSettings = { $0 }
}
