/// A bar of several amounts, one after the other, such as text, video and audio tokens.
///
/// Drawn with colours and block glyphs to an eighth of a cell, otherwise with a pattern per
/// segment. An amount above zero is always visible.
public struct StackedBar: Widget, Equatable {
  /// A segment of the bar: an amount with its role.
  public struct Segment: Sendable, Equatable {
    public let amount: Double
    public let role: Role
    /// Index of the segment's pattern in the fill patterns of `Glyphs`.
    public let fill: Int

    public init(_ amount: Double, _ role: Role, fill: Int) {
      self.amount = amount
      self.role = role
      self.fill = fill
    }
  }

  public let segments: [Segment]
  /// Amount that fills the whole width.
  public let ceiling: Double
  /// Whether the amounts are predictions; such bars are drawn thin.
  public let isPlanned: Bool
  /// Amount just dropped, drawn as dots after the segments.
  public let gone: Double

  public init(
    _ segments: [Segment], ceiling: Double, isPlanned: Bool = false, gone: Double = 0
  ) {
    self.segments = segments
    self.ceiling = ceiling
    self.isPlanned = isPlanned
    self.gone = gone
  }

  public func render(in area: Rect, to frame: inout Frame) {
    guard !area.isEmpty, ceiling > 0, ceiling.isFinite else { return }
    let row = area.row(0)
    let smooth =
      !isPlanned && !frame.look.isPatterned && !frame.glyphs.horizontalEighths.isEmpty
    let units = lengths(in: row.width * (smooth ? 8 : 1), atLeast: 1)
    if smooth {
      drawEighths(units, in: row, to: &frame)
    } else {
      drawPatterns(units, in: row, to: &frame)
    }
    drawGone(after: (units.reduce(0, +) + (smooth ? 7 : 0)) / (smooth ? 8 : 1), in: row, to: &frame)
  }

  private func drawGone(after filled: Int, in row: Rect, to frame: inout Frame) {
    guard gone > 0, let dot = frame.glyphs.fills.last else { return }
    let all = segments.reduce(bounded(gone)) { $0 + bounded($1.amount) }
    let end = min(row.width, max(filled, Int((all / ceiling * Double(row.width)).rounded())))
    let style = frame.look.theme[.dropped]
    for x in min(filled, end)..<end { frame.put(dot, x: row.x + x, y: row.y, style: style) }
  }

  /// The amount limited to 0…`ceiling`, because a trace may contain any number.
  private func bounded(_ amount: Double) -> Double { min(max(0, amount), ceiling) }

  /// Length of each segment in proportion to its amount. Positive amounts get at least `atLeast`;
  /// the sum is at most `total`.
  func lengths(in total: Int, atLeast: Int) -> [Int] {
    let scale = Double(total) / ceiling
    var edge = 0.0
    var lengths: [Int] = []
    for segment in segments {
      let amount = bounded(segment.amount)
      let (start, end) = (edge * scale, (edge + amount) * scale)
      edge += amount
      let length = Int(end.rounded()) - Int(start.rounded())
      lengths.append(amount > 0 ? max(atLeast, length) : 0)
    }
    while lengths.reduce(0, +) > total,
      let largest = lengths.indices.max(by: {
        lengths[$0] < lengths[$1]
      })
    {
      lengths[largest] -= 1
    }
    return lengths
  }

  private func drawPatterns(_ units: [Int], in row: Rect, to frame: inout Frame) {
    let fills = isPlanned ? frame.glyphs.plannedFills : frame.glyphs.fills
    var x = row.x
    for (segment, length) in zip(segments, units) {
      let style = frame.look.theme[segment.role]
      for _ in 0..<length {
        frame.put(fills[min(segment.fill, fills.count - 1)], x: x, y: row.y, style: style)
        x += 1
      }
    }
  }

  private func drawEighths(_ units: [Int], in row: Rect, to frame: inout Frame) {
    let theme = frame.look.theme
    var owners: [Int] = []
    for (index, length) in units.enumerated() {
      owners += Array(repeating: index, count: length)
    }
    for column in 0..<(owners.count + 7) / 8 {
      let part = owners[column * 8..<min(owners.count, column * 8 + 8)]
      guard let first = part.first else { return }
      let filled = part.prefix { $0 == first }.count
      var style = Style(
        foreground: theme[segments[first].role].foreground,
        background: theme[.normal].background)
      if filled < part.count, let last = part.last {
        style.background = theme[segments[last].role].foreground
      }
      let glyph = frame.glyphs.horizontalEighths[filled - 1]
      frame.put(glyph, x: row.x + column, y: row.y, style: style)
    }
  }
}
