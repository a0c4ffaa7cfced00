import Profiling
import Terminal

/// What the app asks of the world.
public enum Effect: LoopEffect, Equatable {
  /// To the engine.
  case send(SessionCommand)
  /// The engine stops as soon as it can; the run stands where it then stands.
  case cancel
  case quit(Int32)
  case repaint
  case suspend
  /// The mouse is to be reported, or left to the terminal.
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

/// What reaches the app: keys, sizes, the clock, and the engine's events.
public typealias AppEvent = LoopEvent<SessionEvent>
