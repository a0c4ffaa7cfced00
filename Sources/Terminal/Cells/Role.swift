/// What a piece of the screen means. A widget asks for a role; a theme says how it looks.
public enum Role: String, Sendable, Hashable, CaseIterable {
  /// Ordinary text.
  case normal
  /// Secondary text: units, captions. Still readable.
  case faint
  /// The one thing to read first in a panel.
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
  /// Tokens that are gone.
  case dropped
  /// What has not run yet.
  case planned
  /// The step the engine stands at.
  case current
  case good
  case warning
  case error
  /// A key in the hint bar, and what it does.
  case key, hint
  /// The line at the bottom.
  case status
  /// A box above the screen: help, a form.
  case dialog
}
