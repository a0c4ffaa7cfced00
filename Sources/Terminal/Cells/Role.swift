/// The meaning of a part of the screen. Widgets use roles; a theme maps roles to styles.
public enum Role: String, Sendable, Hashable, CaseIterable {
  /// Ordinary text.
  case normal
  /// Secondary text: units, captions. Still readable.
  case faint
  /// The most important text of a panel.
  case strong
  /// Titles of panels and columns.
  case title
  /// The header line at the top.
  case header
  case border
  /// The row or token under the cursor.
  case selection
  /// Tokens of the three modalities.
  case text, video, audio
  /// Dropped tokens.
  case dropped
  /// Predicted values and steps that have not run.
  case planned
  /// The current step of the engine.
  case current
  case good
  case warning
  case error
  /// A key in the hint bar, and what it does.
  case key, hint
  /// The line at the bottom.
  case status
  /// A dialog over the screen: help, a form.
  case dialog
}
