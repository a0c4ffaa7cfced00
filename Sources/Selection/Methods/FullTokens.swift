/// Full tokens: nothing is dropped; the baseline of comparisons.
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
  /// Every token through every layer.
  public static let full = SelectionPlan(method: .full)
}
