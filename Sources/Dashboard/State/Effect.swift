import Profiling
import Terminal

/// A side effect of the app.
public enum Effect: LoopEffect, Equatable {
  /// Sends a command to the engine.
  case send(SessionCommand)
  /// Cancels the engine's work; the run keeps its state.
  case cancel
  case quit(Int32)
  case repaint
  case suspend
  /// Turns mouse reports on or off.
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

/// An event of the app: keys, sizes, clock, and engine events.
public typealias AppEvent = LoopEvent<SessionEvent>
