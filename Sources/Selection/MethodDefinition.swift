/// A selection method: name, parameters, and the function that makes its plan.
public struct MethodDefinition: Sendable {
  public let method: SelectionMethod
  /// A short description.
  public let summary: String
  /// Settings that the method uses.
  public let parameters: [SelectionParameter]
  let plan: @Sendable (SelectionSettings, PromptShape) -> SelectionPlan
  /// Equivalent settings of another method; by default the same settings.
  var equivalent: @Sendable (SelectionSettings) -> SelectionSettings = { $0 }
}
