import Selection

/// Actions for budget, method and plan.
extension AppAction {
  static let more = changing("more") { $0.changeBudget(by: 1) }
  static let less = changing("less") { $0.changeBudget(by: -1) }
  static let muchMore = changing("much-more") { $0.changeBudget(by: 5) }
  static let muchLess = changing("much-less") { $0.changeBudget(by: -5) }
  static let moreVideo = changing("more-video") { $0.change(\.video, by: 1) }
  static let lessVideo = changing("less-video") { $0.change(\.video, by: -1) }
  static let moreAudio = changing("more-audio") { $0.change(\.audio, by: 1) }
  static let lessAudio = changing("less-audio") { $0.change(\.audio, by: -1) }
  static let laterRemoval = planning("later-removal", .lateLayer) { $0.changeLateLayer(by: 1) }
  static let earlierRemoval = planning("earlier-removal", .lateLayer) { $0.changeLateLayer(by: -1) }
  static let editPlan = planning("edit-plan") { $0.openPlanForm() }
  static let nextMethod = planning("next-method") { $0.nextMethod() }
  static let reset = planning("reset") { $0.resetSettings() }

  private static func changing(_ name: String, _ handler: @escaping Handler) -> AppAction {
    planning(name, .budget, handler: handler)
  }

  /// An action that changes a parameter of the plan; it requires a method with that parameter.
  private static func planning(
    _ name: String, _ requirements: Requirement..., handler: @escaping Handler
  ) -> AppAction {
    AppAction(name, needs: [.ownPlan, .open] + requirements, handler)
  }
}

extension Requirement {
  fileprivate static let budget = parameter(.budget, "no budget to set")
  fileprivate static let lateLayer = parameter(.lateLayer, "no late layer to set")
}

extension AppKeyTable {
  static func budget(_ screens: Set<KeyContext>) -> [Binding] {
    bindings(
      "Budget", in: screens,
      [
        .init(
          "budget R +1, -1", .init(["+"], .more, hint: "more"),
          .init(["-"], .less, hint: "less")),
        .init("budget R +5, -5", .init(["]"], .muchMore), .init(["["], .muchLess)),
        .init("video share +1 %, -1 %", .init(["V"], .moreVideo), .init(["v"], .lessVideo)),
        .init("audio share +1 %, -1 %", .init(["A"], .moreAudio), .init(["a"], .lessAudio)),
        .init("late layer +1, -1", .init(["}"], .laterRemoval), .init(["{"], .earlierRemoval)),
        .init("edit the plan", .init(["e"], .editPlan)),
        .init("next method", .init(["m"], .nextMethod)),
        .init("reset to initial settings", .init(["="], .reset)),
      ])
  }
}
