/// A share of something as a bar: `████▌      45 %`.
public struct Gauge: Widget, Equatable {
  /// 0…1; values outside are cut.
  public let share: Double
  public let role: Role
  /// Written to the right of the bar.
  public let caption: String

  public init(_ share: Double, role: Role = .normal, caption: String = "") {
    self.share = share.isFinite ? min(1, max(0, share)) : 0
    self.role = role
    self.caption = caption
  }

  public func render(in area: Rect, to frame: inout Frame) {
    var row = area.row(0)
    if !caption.isEmpty {
      let width = CleanText(caption, ascii: frame.glyphs.isASCII).width
      frame.write(caption, in: row.cutRight(width), align: .right)
      _ = row.cutRight(1)
    }
    StackedBar([.init(share, role, fill: 0)], ceiling: 1).render(in: row, to: &frame)
  }
}
