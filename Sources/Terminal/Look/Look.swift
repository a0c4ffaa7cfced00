/// All that a frame needs to know of the terminal it is for: theme, glyphs and colours.
public struct Look: Sendable, Equatable {
  /// The theme as this depth shows it.
  public let theme: Theme
  public let glyphs: Glyphs
  public let depth: ColorDepth
  /// Colours do not tell text, video and audio apart, so patterns have to.
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
