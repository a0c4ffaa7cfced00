/// Meaning of a part of the screen. Widgets use roles; a theme maps each role to a style.
public enum Role: String, Sendable, Hashable, CaseIterable {
  /// Ordinary text.
  case normal
  /// Less important text, such as units and captions.
  case faint
  /// The most important text of a panel.
  case strong
  /// Titles of panels and columns.
  case title
  /// The header line at the top of the screen.
  case header
  case border
  /// The selected row or token.
  case selection
  /// Text, video and audio tokens.
  case text, video, audio
  /// Dropped tokens.
  case dropped
  /// Predicted values, and steps that have not run.
  case planned
  /// The current step of the engine.
  case current
  case good
  case warning
  case error
  /// A key in the hint bar, and the text after it.
  case key, hint
  /// The status line at the bottom of the screen.
  case status
  /// A panel above the screen, such as help or a form.
  case dialog
}
