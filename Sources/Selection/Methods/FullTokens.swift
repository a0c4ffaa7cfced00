/// Full tokens: no token is dropped; the baseline of comparisons.
enum FullTokens {
  static let methods = [
    MethodDefinition(
      method: .full, summary: "no drops: every token in every layer", parameters: [],
      plan: { _, _ in .full })
  ]
}

extension SelectionMethod {
  public static let full = SelectionMethod(named: "full")
}

extension SelectionPlan {
  /// The plan in which every token passes all layers.
  public static let full = SelectionPlan(method: .full)
}
