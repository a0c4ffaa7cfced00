import Testing

@testable import Terminal

struct CleanTextTests {
  @Test(arguments: [
    ("plain", "plain", 5),
    ("red \u{1b}[31mtext", "red ^[[31mtext", 14),
    ("bell\u{7}", "bell^G", 6),
    ("two\nlines\tand tab", "two lines and tab", 17),
    ("c1 \u{9b}31m", "c1 \u{fffd}31m", 7),
    ("rtl \u{202e}evil\u{202c}", "rtl evil", 8),
    ("漢字", "漢字", 4),
    ("e\u{301}a", "e\u{301}a", 2),
    ("\u{301}a", "a", 1),
    ("👩\u{200d}👩\u{200d}👧", "👩👩👧", 6),
    ("👍🏽", "👍", 2),
    ("🇩🇪", "DE", 2),
    ("a\u{fe0f}b\u{feff}c\u{ad}d", "abcd", 4),
  ])
  func `hostile and wide text is shown safely`(text: String, shown: String, width: Int) {
    let clean = CleanText(text)
    #expect(clean.shown == shown)
    #expect(clean.width == width)
  }

  @Test func `at most two combining marks per letter are kept`() {
    let zalgo = "e" + String(repeating: "\u{301}", count: 50)
    #expect(CleanText(zalgo).shown.unicodeScalars.count == 3)
  }

  @Test func `own symbols map to ASCII, other symbols to a question mark`() {
    #expect(CleanText("λ × 2 → 3 … 漢é", ascii: true).shown == "lambda x 2 -> 3 ... ??e")
  }

  @Test func `text in ASCII mode has only ASCII characters`() {
    let wild = (0x20..<0x3000).compactMap(Unicode.Scalar.init).map(String.init).joined()
    #expect(CleanText(wild, ascii: true).shown.allSatisfy { $0.isASCII })
  }

  @Test func `text is truncated by cells and never shows half a glyph`() {
    let dots = "…".unicodeScalars.first?.value ?? 0
    #expect(CleanText("漢字漢字").truncated(to: 4, ellipsis: dots).shown == "漢…")
    #expect(CleanText("漢字漢字").truncated(to: 5, ellipsis: dots).shown == "漢字…")
    #expect(CleanText("fits").truncated(to: 4, ellipsis: dots).shown == "fits")
    #expect(CleanText("fits").truncated(to: 0, ellipsis: dots).shown == "")
  }

  @Test func `text wraps at spaces, and inside words only if they are too long`() {
    #expect(
      CleanText("what is on the table").wrapped(to: 8).map(\.shown) == [
        "what is", "on the", "table",
      ])
    #expect(CleanText("abcdefghij k").wrapped(to: 4).map(\.shown) == ["abcd", "efgh", "ij k"])
    #expect(CleanText("漢字漢字").wrapped(to: 3).map(\.shown) == ["漢", "字", "漢", "字"])
    #expect(CleanText("").wrapped(to: 3).isEmpty)
  }
}
