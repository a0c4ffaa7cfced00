import Testing

@testable import Terminal

struct LineEditorTests {
  private func pressed(_ keys: [Key], _ editor: LineEditor) -> LineEditor {
    var editor = editor
    for key in keys {
      let isTaken = editor.handle(key)
      #expect(isTaken, "\(key)")
    }
    return editor
  }

  @Test(arguments: [
    ([Key.alt("b")], "What moves left?", 11), ([.alt("b"), .alt("b")], "What moves left?", 5),
    ([.home, .alt("f")], "What moves left?", 4), ([.control("w")], "What moves ", 11),
    ([.alt("b"), .alt("d")], "What moves ?", 11), ([.alt("\u{7f}")], "What moves ", 11),
    ([.home, .alt("f"), .control("k")], "What", 4), ([.alt("b"), .control("u")], "left?", 0),
    ([.control("w"), .home, .control("y")], "left?What moves ", 5),
    ([.control("u"), .control("y"), .control("y")], "What moves left?What moves left?", 32),
    ([.home, .control("d"), .end, .control("h")], "hat moves left", 14),
  ])
  func `word and kill keys edit as in readline`(_ keys: [Key], _ text: String, _ caret: Int) {
    let editor = pressed(keys, LineEditor("What moves left?"))
    #expect(editor.text == text)
    #expect(editor.caret == caret)
  }

  @Test func `a kill of nothing keeps the text for yank`() {
    let editor = pressed(
      [.control("u"), .control("u"), .control("k"), .control("w"), .control("y")], LineEditor("ab"))
    #expect(editor.text == "ab")
  }

  @Test func `up and down show earlier lines and return to the typed one`() {
    var editor = LineEditor("new", history: ["first", "second"])
    let shown = [Key.up, .up, .up, .down, .down, .down].map { key in
      _ = editor.handle(key)
      return editor.text
    }
    #expect(shown == ["second", "first", "first", "second", "new", "new"])
    #expect(editor.caret == 3)
    var plain = LineEditor("new")
    // Forms move between fields with these keys.
    let isTaken = [plain.handle(.up), plain.handle(.down)]
    #expect(isTaken == [false, false])
  }

  @Test func `words of any script end at spaces and punctuation`() {
    let editor = pressed([.alt("b"), .control("k")], LineEditor("née, 漢字 l\u{301}eft"))
    #expect(editor.text == "née, 漢字 ")
    #expect(pressed([.alt("b"), .control("k")], editor).text == "née, ")
  }

  @Test func `a long line shows text on both sides of the caret`() {
    var editor = LineEditor("0123456789abcdefghij")
    for _ in 0..<8 { _ = editor.handle(.left) }
    var frame = Frame(size: Size(width: 10, height: 1), look: Look())
    LineField(editor).render(in: frame.area, to: &frame)
    // The caret is before c, with text after it.
    #expect(frame.glyphRows == ["6789abcde…"])
    #expect(frame.caret == .init(x: 6, y: 0))
  }

  /// The line as an array of characters, which every key edits in the plainest way.
  private struct Model {
    var line: [Character]
    var caret: Int
    var killed: [Character] = []

    private func isWord(_ character: Character) -> Bool {
      character.isLetter || character.isNumber
    }

    private var back: Int {
      var place = caret
      while place > 0, !isWord(line[place - 1]) { place -= 1 }
      while place > 0, isWord(line[place - 1]) { place -= 1 }
      return place
    }

    private var forward: Int {
      var place = caret
      while place < line.count, !isWord(line[place]) { place += 1 }
      while place < line.count, isWord(line[place]) { place += 1 }
      return place
    }

    private var spaced: Int {
      var place = caret
      while place > 0, line[place - 1].isWhitespace { place -= 1 }
      while place > 0, !line[place - 1].isWhitespace { place -= 1 }
      return place
    }

    private mutating func kill(_ range: Range<Int>) {
      guard !range.isEmpty else { return }
      killed = Array(line[range])
      line.removeSubrange(range)
      caret = range.lowerBound
    }

    private mutating func insert(_ new: [Character]) {
      line.insert(contentsOf: new, at: caret)
      caret += new.count
    }

    mutating func press(_ key: Key) {
      switch key {
      case .character(let character): insert([character])
      case .backspace:
        if caret > 0 {
          line.remove(at: caret - 1)
          caret -= 1
        }
      case .delete: if caret < line.count { line.remove(at: caret) }
      case .left: caret = max(0, caret - 1)
      case .right: caret = min(line.count, caret + 1)
      case .home: caret = 0
      case .end: caret = line.count
      case .alt("b"): caret = back
      case .alt("f"): caret = forward
      case .alt("d"): kill(caret..<forward)
      case .control("w"): kill(spaced..<caret)
      case .control("u"): kill(0..<caret)
      case .control("k"): kill(caret..<line.count)
      case .control("y"): insert(killed)
      default: break
      }
    }
  }

  @Test(arguments: 1...40)
  func `any sequence of keys edits like an array of characters`(_ seed: Int) {
    var state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15
    func random(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    let letters: [Character] = ["a", "é", "漢", " ", " ", "-", "7", "ß"]
    let keys: [Key] = [
      .backspace, .delete, .left, .left, .right, .home, .end, .alt("b"), .alt("f"), .alt("d"),
      .control("w"), .control("u"), .control("k"), .control("y"),
    ]
    var editor = LineEditor("one 漢字 two")
    var model = Model(line: Array(editor.text), caret: editor.caret)
    for step in 0..<300 {
      let key: Key =
        random(3) > 0 ? .character(letters[random(letters.count)]) : keys[random(keys.count)]
      // The editor stops at its limit; the model has none.
      if model.line.count + model.killed.count > 900 { break }
      let isTaken = editor.handle(key)
      #expect(isTaken)
      model.press(key)
      guard editor.text == String(model.line), editor.caret == model.caret else {
        Issue.record("step \(step), \(key): \(editor.text) at \(editor.caret), not \(model)")
        return
      }
      var frame = Frame(size: Size(width: 3 + random(30), height: 1), look: Look())
      LineField(editor).render(in: frame.area, to: &frame)
      #expect(frame.caret.map { frame.area.contains(x: $0.x, y: $0.y) } == true)
    }
  }
}
