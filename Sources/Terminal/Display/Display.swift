/// An event of the terminal.
public enum InputEvent: Sendable, Equatable {
  case key(Key)
  case mouse(MouseEvent)
  /// Pasted text, or a part of it.
  case pasted(String)
  case resized(Size)
  /// The user pressed ^C, or SIGINT was received.
  case interrupted
  /// A signal to terminate was received, with its number.
  case terminated(Int32)
  /// The terminal was closed.
  case hungUp
  /// The process was stopped and continued, so times measured across this event are wrong.
  case resumed
}

/// Shows frames and delivers input events. Used by one thread only.
public protocol Display: AnyObject {
  var size: Size { get }

  /// Waits until there is input, `wake` becomes readable, or the timeout ends; nil for no timeout.
  func wait(upTo timeout: Duration?, wake: Int32?) -> [InputEvent]

  /// Shows a frame, which must have the display's size; sends only the changes to the terminal.
  func show(_ frame: Frame)

  /// Makes the next `show` send the whole frame.
  func repaint()

  /// Turns mouse reports on or off; they are off at the start.
  func reportMouse(_ isOn: Bool)

  /// Restores the terminal and stops the process like ^Z; returns when the process is continued.
  func suspend()
}

extension Display {
  public func reportMouse(_ isOn: Bool) {}
}

/// Reasons why a screen cannot be opened.
public enum DisplayError: Error, Sendable, Equatable {
  /// The file descriptor (0 for input, 1 for output) is not a terminal.
  case notATerminal(descriptor: Int32)
  /// `TERM` is unset or empty.
  case noTerminalName
  /// `TERM` names a terminal that terminfo lacks or that cannot position its cursor.
  case unusableTerminal(String)
}
