/// A bar of the finished share of some work, in the style of one role.
public struct ProgressBar: Widget, Equatable {
  /// Finished share, 0…1.
  public let share: Double
  public let role: Role

  public init(_ share: Double, role: Role = .normal) {
    self.share = share.isFinite ? min(1, max(0, share)) : 0
    self.role = role
  }

  public func render(in area: Rect, to frame: inout Frame) {
    let row = area.row(0)
    let style = frame.look.theme[role]
    let (full, empty) =
      frame.glyphs.isASCII ? ("#", "-") : ("█", frame.glyphs.dot) as (Character, Character)
    let parts = frame.glyphs.horizontalEighths
    let units = Int(share * Double(row.width * 8))
    for x in 0..<row.width {
      let filled = min(8, max(0, units - 8 * x))
      let glyph = filled == 8 ? full : filled == 0 || parts.isEmpty ? empty : parts[filled - 1]
      frame.put(glyph, x: row.x + x, y: row.y, style: style)
    }
  }
}
