/// What a terminal tells a program.
public enum InputEvent: Sendable, Equatable {
  case key(Key)
  case mouse(MouseEvent)
  /// Text that was pasted, or a part of it.
  case pasted(String)
  case resized(Size)
  /// ^C, or SIGINT from elsewhere.
  case interrupted
  /// A signal that ends the process, by number.
  case terminated(Int32)
  /// The terminal is gone.
  case hungUp
  /// The program was stopped and goes on; timings that span this are void.
  case resumed
}

/// A place to show frames and to hear keys from. Used on one thread only.
public protocol Display: AnyObject {
  var size: Size { get }

  /// Blocks until there is input, `wake` becomes readable, or the time is over (nil: never).
  func wait(upTo timeout: Duration?, wake: Int32?) -> [InputEvent]

  /// Shows a frame of the display's size; sends only what changed since the one before.
  func show(_ frame: Frame)

  /// Makes the next `show` send everything.
  func repaint()

  /// Asks the terminal to report the mouse, or leaves the mouse to it, as at first.
  func reportMouse(_ isOn: Bool)

  /// Gives the terminal back and stops the process, as ^Z; returns when it is continued.
  func suspend()
}

extension Display {
  public func reportMouse(_ isOn: Bool) {}
}

/// Why a screen cannot be opened.
public enum DisplayError: Error, Sendable, Equatable {
  /// This descriptor (0 input, 1 output) is not a terminal.
  case notATerminal(descriptor: Int32)
  /// `TERM` is unset or empty.
  case noTerminalName
  /// `TERM` names a terminal that is not known here, or that cannot place a cursor.
  case unusableTerminal(String)
}
