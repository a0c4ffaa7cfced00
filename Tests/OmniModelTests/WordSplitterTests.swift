import Testing

@testable import OmniModel

@Suite struct `Pre-tokenizer words` {
  /// The regular expression itself, which is slow on some texts but short to read.
  private func reference(_ text: String) throws -> [String] {
    let pattern = try Regex(WordSplitter.pattern).matchingSemantics(.unicodeScalar)
    return text.matches(of: pattern).map { String(text[$0.range]) }
  }

  @Test func `pre-tokenizer words equal those of the regular expression`() throws {
    let parts: [Unicode.Scalar] = [
      " ", " ", "\n", "\r", "\t", "a", "S", "t", "l", "L", "e", "v", "r", "'", "'", "1", "½", "漢",
      "!",
      "{", "\u{301}", "\u{A0}", "\u{2028}", "é", "\u{1F600}", "ª", "\u{85}",
    ]
    var state: UInt64 = 5
    for _ in 0..<3_000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<12 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text.append(parts[Int(state >> 33) % parts.count])
      }
      let words = WordSplitter.words(of: String(text))
      #expect(words == (try reference(String(text))), "\(String(text).debugDescription)")
      #expect(words.joined().unicodeScalars.elementsEqual(text))
    }
  }

  @Test func `pre-tokenizer words equal those of the published tokenizer`() {
    #expect(WordSplitter.words(of: "a'\u{17F}b") == ["a", "'\u{17F}", "b"])
    #expect(WordSplitter.words(of: "it'LLx  y") == ["it", "'LL", "x", " ", " y"])
    #expect(WordSplitter.words(of: "") == [])
  }

  @Test func `100 000 punctuation marks are split in linear time`() {
    let marks = "e" + String(repeating: "\u{301}", count: 100_000)
    #expect(WordSplitter.words(of: marks).count == 2)
  }
}
