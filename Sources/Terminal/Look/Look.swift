/// Appearance of a frame: theme, glyphs and number of colours.
public struct Look: Sendable, Equatable {
  /// The theme, with colours that the terminal has.
  public let theme: Theme
  public let glyphs: Glyphs
  public let depth: ColorDepth
  /// Whether patterns instead of colours distinguish text, video and audio.
  public let isPatterned: Bool

  public init(theme: Theme = .ansi, glyphs: Glyphs = .utf8, depth: ColorDepth = .full) {
    let adapted = theme.adapted(to: depth)
    self.theme = adapted
    self.glyphs = glyphs
    self.depth = depth
    let colors = [Role.text, .video, .audio].map { adapted[$0].foreground }
    isPatterned = depth == .mono || glyphs.isASCII || Set(colors).count < colors.count
  }
}
