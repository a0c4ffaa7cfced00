import Testing

@testable import Terminal

struct FrameTests {
  private func frame(_ width: Int, _ height: Int, glyphs: Glyphs = .utf8) -> Frame {
    Frame(size: Size(width: width, height: height), look: Look(glyphs: glyphs))
  }

  @Test func `text is cut at its area's edge with an ellipsis`() {
    var frame = frame(10, 2)
    frame.write("a long title", in: Rect(x: 2, y: 1, width: 6, height: 1))
    #expect(frame.glyphRows == ["          ", "  a lon…  "])
  }

  @Test func `text is aligned to the right and in the middle`() {
    var frame = frame(8, 2)
    frame.write("12", in: frame.area.row(0), align: .right)
    frame.write("mid", in: frame.area.row(1), align: .center)
    #expect(frame.glyphRows == ["      12", "  mid   "])
  }

  @Test func `overwriting half a wide glyph removes the other half`() {
    var frame = frame(4, 1)
    frame.write("漢字", in: frame.area)
    frame.put("x", x: 1, y: 0, style: .plain)
    #expect(frame.glyphRows == [" x字"])
    frame.put("y", x: 2, y: 0, style: .plain)
    #expect(frame.glyphRows == [" xy "])
  }

  @Test func `writing outside a frame changes nothing`() {
    var frame = frame(3, 1)
    let before = frame
    frame.write("abc", in: Rect(x: 0, y: 4, width: 3, height: 1))
    frame.put("x", x: -1, y: 0, style: .plain)
    frame.overlay(.selection, on: Rect(x: 5, y: 5, width: 9, height: 9))
    #expect(frame == before)
  }

  @Test func `a frame snapshot shows glyphs, styles and roles`() {
    var frame = frame(4, 1)
    frame.write("ab", in: frame.area, as: .video)
    #expect(frame.picture == "4x1\n|ab  |\n|aa..|\n.: plain\na: fg 6\n")
  }

  @Test func `an ASCII frame has only ASCII characters`() {
    var frame = frame(12, 3, glyphs: .ascii)
    frame.box(frame.area, title: "Größe")
    frame.write("漢字漢字漢字", in: frame.area.row(1).inset(horizontal: 1))
    #expect(frame.glyphRows.joined().allSatisfy { $0.isASCII })
    #expect(frame.glyphRows[1] == "|?????????~|")
  }

  /// Whatever is written where, every row has exactly the frame's cells.
  @Test(arguments: 0..<40)
  func `frame rows are never wider than the frame`(width: Int) {
    var frame = frame(width, 3)
    var generator = SplitMix(state: UInt64(width))
    for _ in 0..<60 {
      let area = Rect(
        x: Int.random(in: -3..<45, using: &generator), y: Int.random(in: -1..<4, using: &generator),
        width: Int.random(in: 0..<12, using: &generator), height: 1)
      frame.write(
        ["漢字かな", "e\u{301}x", "👍🏽ok", "plain"].randomElement(using: &generator) ?? "", in: area)
    }
    for row in frame.glyphRows { #expect(CleanText(row).width == width) }
    for y in 0..<3 {
      let cells = Array(frame.row(y))
      for x in cells.indices where cells[x].isContinuation {
        #expect(x > 0 && !cells[x - 1].isContinuation)
      }
    }
  }
}

/// A small seeded generator.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
