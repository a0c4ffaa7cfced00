/// An action of keys: a name, requirements and a handler. Actions of equal names are equal; each
/// screen may have its own handler.
public struct AppAction: Sendable, Hashable {
  typealias Handler = @Sendable (inout App) -> [Effect]

  /// The name in configurations: `run-or-pause`. Stable, since users' files contain it.
  public let name: String
  /// Requirements, most important first.
  private let requirements: [Requirement]
  /// The word of the hint bar while the engine is busy, if different.
  let busyHint: String?
  private let handler: Handler

  init(
    _ name: String, needs requirements: [Requirement] = [], busyHint: String? = nil,
    _ handler: @escaping Handler
  ) {
    self.name = name
    self.requirements = requirements
    self.busyHint = busyHint
    self.handler = handler
  }

  /// The unmet requirement; nil if there is none.
  func refusal(in app: App) -> Refusal? {
    requirements.lazy.compactMap { $0.refusal(app) }.first
  }

  /// Runs the handler, or shows the unmet requirement.
  func perform(in app: inout App) -> [Effect] {
    if let refusal = refusal(in: app) {
      app.say(refusal.reason)
      return []
    }
    return handler(&app)
  }

  public static func == (one: AppAction, other: AppAction) -> Bool { one.name == other.name }

  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
