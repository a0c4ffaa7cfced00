/// An event of the terminal.
public enum InputEvent: Sendable, Equatable {
  case key(Key)
  case mouse(MouseEvent)
  /// Pasted text, or a part of it.
  case pasted(String)
  case resized(Size)
  /// ^C or SIGINT.
  case interrupted
  /// A terminating signal, by number.
  case terminated(Int32)
  /// The terminal was closed.
  case hungUp
  /// The process was stopped and continued; timings across this event are invalid.
  case resumed
}

/// Shows frames and delivers input events. Used on one thread only.
public protocol Display: AnyObject {
  var size: Size { get }

  /// Blocks until there is input, `wake` becomes readable, or the timeout expires (nil: none).
  func wait(upTo timeout: Duration?, wake: Int32?) -> [InputEvent]

  /// Shows a frame of the display's size; sends only the changes.
  func show(_ frame: Frame)

  /// Makes the next `show` send the whole frame.
  func repaint()

  /// Turns mouse reports on or off; off at the start.
  func reportMouse(_ isOn: Bool)

  /// Restores the terminal and stops the process, as by ^Z; returns when it is continued.
  func suspend()
}

extension Display {
  public func reportMouse(_ isOn: Bool) {}
}

/// Reason why a screen cannot be opened.
public enum DisplayError: Error, Sendable, Equatable {
  /// This descriptor (0 input, 1 output) is not a terminal.
  case notATerminal(descriptor: Int32)
  /// `TERM` is unset or empty.
  case noTerminalName
  /// `TERM` names a terminal that terminfo lacks or that cannot position a cursor.
  case unusableTerminal(String)
}
