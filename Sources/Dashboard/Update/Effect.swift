import Sessions
import Terminal

/// A side effect that the app requests.
public enum Effect: LoopEffect, Equatable {
  /// Send a command to the session.
  case send(SessionCommand)
  /// Cancel the engine's work; the run keeps its state.
  case cancel
  case quit(Int32)
  case repaint
  case suspend
  /// Turn mouse reports on or off.
  case mouse(Bool)

  public var directive: LoopDirective? {
    switch self {
    case .quit(let code): .quit(code)
    case .repaint: .repaint
    case .suspend: .suspend
    case .mouse(let isOn): .mouse(isOn)
    case .send, .cancel: nil
    }
  }
}

/// An event for the app: keys, screen sizes, timer, and session events.
public typealias AppEvent = LoopEvent<SessionEvent>
