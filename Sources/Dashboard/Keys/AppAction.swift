/// Something that keys do: its name, what it needs, and what it does. Two actions of one name are the
/// same to whoever binds keys, whatever each does on the screen that has it.
public struct AppAction: Sendable, Hashable {
  typealias Handler = @Sendable (inout App) -> [Effect]

  /// As it stands in a configuration: `run-or-pause`. Files of users hold it, so it never changes.
  public let name: String
  /// What has to be so before it can act, most important first.
  private let requirements: [Requirement]
  /// The word of the hint bar while the engine is busy, where it is another.
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

  /// Why it cannot act now; nil where it can.
  func refusal(in app: App) -> Refusal? {
    requirements.lazy.compactMap { $0.refusal(app) }.first
  }

  /// Acts, or says why it cannot.
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
