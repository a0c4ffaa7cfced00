import Selection
import Terminal

/// One line with the prompt's text, token by token: the part around the selected token, or the end,
/// which is the question.
struct TextStrip: Widget {
  private let pieces: [String]
  private let places: TokenSources?
  private let drops: DropMap
  private let cursor: Int?

  init(_ run: RunState, _ drops: DropMap, cursor: Int?) {
    places = run.places
    pieces = run.places?.pieces(run.subject?.media.text ?? []) ?? []
    self.drops = drops
    self.cursor = cursor
  }

  private struct Piece {
    let text: String
    let role: Role
    let isCursor: Bool
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard let places, !pieces.isEmpty, !area.isEmpty else { return }
    var row = area.inset(horizontal: 1)
    frame.write("text", in: row.cutLeft(5), as: .text)
    let selected = cursor.flatMap { places.modalities[$0].isDroppable ? nil : places.ordinal($0) }
    let ascii = frame.glyphs.isASCII
    let shown = window(around: selected ?? pieces.count - 1, width: row.width, ascii: ascii)
    for index in shown {
      if index > 0, places.text[index] != places.text[index - 1] + 1 {
        _ = row.cutLeft(frame.write("[video, audio]", in: row, as: .faint))
        _ = row.cutLeft(1)
      }
      let written = frame.write(Self.visible(pieces[index]), in: row, as: .normal)
      let place = row.cutLeft(written)
      if index == selected { frame.highlight(place) }
      frame.write("│", in: row.cutLeft(1), as: .border)
    }
  }

  /// Range of the tokens around `index` that fit into the width.
  private func window(around index: Int, width: Int, ascii: Bool) -> Range<Int> {
    func cells(_ index: Int) -> Int {
      CleanText(Self.visible(pieces[index]), ascii: ascii).width + 1
    }
    guard pieces.indices.contains(index) else { return 0..<0 }
    var (first, end, room) = (index, index + 1, width - cells(index))
    let joint = 16
    while room > 0 {
      let before = first > 0 ? cells(first - 1) + (isJoint(first) ? joint : 0) : Int.max
      let after = end < pieces.count ? cells(end) + (isJoint(end) ? joint : 0) : Int.max
      let takesAfter = after != .max && (before == .max || end - index <= index - first)
      guard min(before, after) != .max else { break }
      room -= takesAfter ? after : before
      guard room >= 0 else { break }
      if takesAfter { end += 1 } else { first -= 1 }
    }
    return first..<end
  }

  /// Whether video or audio tokens come directly before a text token.
  private func isJoint(_ index: Int) -> Bool {
    guard let places, index > 0, index < places.text.count else { return false }
    return places.text[index] != places.text[index - 1] + 1
  }

  /// The text of a token with visible spaces and line ends.
  static func visible(_ piece: String) -> String {
    let shown = piece.map { character -> String in
      switch character {
      case "\n", "\r\n": "\\n"
      case " ": "_"
      case "\t": "\\t"
      default: String(character)
      }
    }
    return shown.isEmpty ? "?" : shown.joined()
  }
}
