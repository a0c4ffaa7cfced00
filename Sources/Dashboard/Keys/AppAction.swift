/// An action that keys are bound to: a name, requirements and a handler. Actions with equal names
/// are equal; each screen may have a handler of its own.
public struct AppAction: Sendable, Hashable {
  typealias Handler = @Sendable (inout App) -> [Effect]

  /// Name of the action in configuration files, such as `run-or-pause`. It must not change, because
  /// users' files contain it.
  public let name: String
  /// Requirements of the action; the first one that is not met gives the reason shown.
  private let requirements: [Requirement]
  /// Text in the hint bar while the engine is busy; nil if it is the same as usual.
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

  /// The reason why the action is not available now; nil if it is available.
  func refusal(in app: App) -> Refusal? {
    requirements.lazy.compactMap { $0.refusal(app) }.first
  }

  /// Runs the action, or shows why it is not available.
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
