/// A message of a session: an error, or text such as a message from a trace.
public enum SessionMessage: Sendable {
  case error(any Error)
  case text(String)

  /// Text of the message; for an error without an error message yet, its Swift description.
  public var text: String {
    switch self {
    case .error(let error): "\(error)"
    case .text(let text): text
    }
  }

  /// A copy in which an error is replaced by its error message.
  /// - Parameter describe: returns the error message of an error.
  public func worded(_ describe: (any Error) -> String) -> SessionMessage {
    guard case .error(let error) = self else { return self }
    return .text(describe(error))
  }
}

extension SessionMessage: Equatable {
  public static func == (left: SessionMessage, right: SessionMessage) -> Bool {
    switch (left, right) {
    case (.text(let left), .text(let right)): left == right
    case (.error(let left), .error(let right)):
      String(reflecting: left) == String(reflecting: right)
    default: false
    }
  }
}

extension SessionMessage: ExpressibleByStringInterpolation {
  public init(stringLiteral text: String) { self = .text(text) }
}

extension SessionEvent {
  /// A copy in which an error is replaced by its error message.
  public func worded(_ describe: (any Error) -> String) -> SessionEvent {
    switch self {
    case .failed(let message): .failed(message.worded(describe))
    case .warned(let message): .warned(message.worded(describe))
    case .logged(let message): .logged(message.worded(describe))
    default: self
    }
  }
}
