/// All that a frame needs to know of the terminal it is for: theme, glyphs and colours.
public struct Look: Sendable, Equatable {
  /// The theme as this depth shows it.
  public let theme: Theme
  public let glyphs: Glyphs
  public let depth: ColorDepth

  public init(theme: Theme = .ansi, glyphs: Glyphs = .utf8, depth: ColorDepth = .full) {
    self.theme = theme.adapted(to: depth)
    self.glyphs = glyphs
    self.depth = depth
  }
}
