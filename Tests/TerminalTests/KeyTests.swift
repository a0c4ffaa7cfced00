import Testing

@testable import Terminal

struct KeyTests {
  private func decoder(isUTF8: Bool = true) -> KeyDecoder {
    KeyDecoder(
      keys: TerminalKeys.customary.merging([Array("\u{1b}[[A".utf8): .function(1)]) { $1 },
      isUTF8: isUTF8)
  }

  /// What all of this comes to once nothing has followed.
  private func events(_ bytes: [UInt8], isUTF8: Bool = true) -> [InputEvent] {
    var decoder = decoder(isUTF8: isUTF8)
    return decoder.take(bytes) + decoder.giveUp()
  }

  private func events(_ text: String) -> [InputEvent] { events(Array(text.utf8)) }

  private func keys(_ text: String) -> [Key] {
    events(text).compactMap { if case .key(let key) = $0 { key } else { nil } }
  }

  @Test func `characters, control keys and named keys are decoded`() {
    #expect(
      keys("q漢\u{c}\r\u{7f}\t") == [
        .character("q"), .character("漢"), .control("l"), .enter, .backspace, .tab,
      ])
    #expect(keys("\u{1b}OA\u{1b}[A\u{1b}[[A\u{1b}[3~") == [.up, .up, .function(1), .delete])
  }

  @Test func `Escape alone is the Escape key, before a letter it is Alt`() {
    #expect(keys("\u{1b}") == [.escape])
    #expect(keys("\u{1b}x\u{1b}é") == [.alt("x"), .alt("é")])
    #expect(keys("\u{1b}\u{1b}") == [.escape, .escape])
    #expect(keys("\u{1b}[") == [.alt("[")])
    #expect(keys("\u{1b}O") == [.alt("O")])
  }

  @Test func `Escape and an incomplete character are discarded after the timeout`() {
    var decoder = decoder()
    #expect(decoder.take([0x1b, 0xe6]) + decoder.giveUp() == [])
    #expect(!decoder.isUnfinished)
    #expect(decoder.take(Array("q".utf8)) == [.key(.character("q"))])
  }

  @Test func `an incomplete key sequence is discarded after the timeout`() {
    var decoder = decoder()
    #expect(decoder.take(Array("\u{1b}[1".utf8)) + decoder.giveUp() == [])
    #expect(decoder.take(Array("q".utf8)) == [.key(.character("q"))])
  }

  @Test func `a zero byte is Ctrl-Space, and separator bytes are discarded`() {
    #expect(keys("\0") == [.control(" ")])
    #expect(events([0x1c, 0x1d, 0x1e, 0x1f, 0x71]) == [.key(.character("q"))])
  }

  @Test func `the longest matching key sequence is decoded`() {
    var decoder = KeyDecoder(keys: [[0x1b, 0x4f]: .home, [0x1b, 0x4f, 0x41]: .up])
    #expect(decoder.take([0x1b, 0x4f, 0x41]) == [.key(.up)])
  }

  @Test func `a backspace in a paste is discarded`() {
    #expect(events("\u{1b}[200~a\u{7f}\u{8}b\u{1b}[201~") == [.pasted("ab")])
  }

  @Test func `an unknown key sequence is discarded whole`() {
    #expect(keys("\u{1b}[1;5Aq") == [.character("q")])
    #expect(keys("\u{1b}[12;34~") == [])
    #expect(keys("\u{1b}OZ+") == [.character("+")])
    #expect(keys("\u{1b}OM+") == [.character("+")])
    #expect(keys("\u{1b}[7$+") == [.character("+")])
    #expect(keys("\u{1b}[" + String(repeating: "0", count: 254) + "q") == [.character("q")])
  }

  @Test func `pasted text never triggers a key`() {
    #expect(
      events("a\u{1b}[200~q漢\r\t\u{1b}[A\u{3}2\u{1b}[201~b") == [
        .key(.character("a")), .pasted("q漢  2"), .key(.character("b")),
      ])
    #expect(events("\u{1b}[200~\u{1b}[201~q\u{1b}[201~") == [.key(.character("q"))])
    var decoder = decoder()
    #expect(decoder.take(Array("\u{1b}[200~one".utf8)) == [.pasted("one")])
    #expect(decoder.take(Array(" two\u{1b}[20".utf8)) == [.pasted(" two")])
    #expect(decoder.take(Array("1~q".utf8)) == [.key(.character("q"))])
  }

  @Test func `Escape twice ends an unterminated paste`() {
    var decoder = decoder()
    #expect(decoder.take(Array("\u{1b}[200~one".utf8)) == [.pasted("one")])
    #expect(decoder.take([0x1b]) + decoder.giveUp() == [])
    #expect(decoder.take([0x1b]) + decoder.giveUp() == [.key(.escape)])
    #expect(decoder.take(Array("q".utf8)) == [.key(.character("q"))])
  }

  @Test func `an aborted key sequence keeps the following keys`() {
    #expect(keys("\u{1b}[12\u{1b}[A") == [.up])
    #expect(keys("\u{1b}[12\t") == [.tab])
    #expect(keys("\u{1b}[<0;5;q") == [.character("q")])
    #expect(keys("\u{1b}[M !\t") == [.character(" "), .character("!"), .tab])
  }

  @Test func `invalid UTF-8 keeps the following keys`() {
    let after: [InputEvent] = [.key(.character("q")), .key(.character("n"))]
    for bytes: [UInt8] in [
      [0xe9], [0xff, 0xfe], [0xe6, 0xbc], [0xc0, 0xaf], [0xed, 0xa0, 0x80],
    ] {
      #expect(events(bytes + Array("qn".utf8)) == after, "\(bytes)")
      #expect(events(bytes + Array("qn".utf8), isUTF8: false) == after, "\(bytes)")
    }
  }

  @Test func `left button and wheel are decoded in both mouse encodings`() {
    for (text, event) in [
      ("\u{1b}[<0;30;2M", MouseEvent(.press, x: 29, y: 1)),
      ("\u{1b}[<64;1;1M", MouseEvent(.wheelUp, x: 0, y: 0)),
      ("\u{1b}[<65;300;99M", MouseEvent(.wheelDown, x: 299, y: 98)),
      ("\u{1b}[M !\"", MouseEvent(.press, x: 0, y: 1)),
    ] {
      #expect(
        events("a\(text)b") == [.key(.character("a")), .mouse(event), .key(.character("b"))])
    }
    #expect(
      events([0x1b, 0x5b, 0x4d, 0x20, 0xe9, 0x21])
        == [.mouse(MouseEvent(.press, x: 200, y: 0))])
  }

  @Test(arguments: [
    "<0;5;5m", "<1;5;5M", "<2;5;5M", "<16;5;5M", "<32;5;5M", "<66;5;5M", "<0;0;5M", "<0;5M",
    "<0;;M", "<;;;M", "<0;999999999999999999999;1M", "<-1;2;3M", "M\u{22}!!", "0;5;5M", "<0;5;0M",
    "M ! ",
  ])
  func `mouse reports of other buttons are discarded`(_ report: String) {
    #expect(events("\u{1b}[\(report)q") == [.key(.character("q"))])
  }

  @Test func `a key sequence read in pieces is decoded as one key`() {
    for whole in ["\u{1b}[<0;30;2M", "\u{1b}[1;5A", "\u{1b}OA", "\u{1b}[M !\"", "漢", "\u{1b}é"] {
      let bytes = Array(whole.utf8)
      for end in 1..<bytes.count {
        var decoder = decoder()
        #expect(decoder.take(bytes[..<end]) == [])
        #expect(decoder.isUnfinished)
        #expect(decoder.take(bytes[end...]) == events(whole))
        #expect(!decoder.isUnfinished)
      }
    }
  }

  @Test func `incomplete mouse reports and characters wait without a timeout`() {
    for whole in ["\u{1b}[<0;30;2M", "\u{1b}[<0;30;2m", "漢"] {
      let bytes = Array(whole.utf8)
      for end in (bytes.count > 3 ? 3 : 1)..<bytes.count {
        var decoder = decoder()
        #expect(decoder.take(bytes[..<end]) + decoder.giveUp() == [])
        #expect(decoder.take(bytes[end...]) == events(whole))
      }
    }
  }

  @Test(arguments: ["q", "space", "ctrl-l", "alt-x", "f1", "pgup", "s-tab", "+", "esc"])
  func `the printed name of a key parses to the same key`(name: String) {
    #expect(Key(name)?.name == name)
  }

  @Test func `invalid key names are refused`() {
    for name in ["", "f13", "ctrl-", "hyper-x", "ab"] { #expect(Key(name) == nil) }
  }

  @Test func `keys with equal help texts keep separate help lines`() {
    let table = KeyTable<Action, Context>([
      .init(["+"], .quit, in: [.list], group: "A", help: "same words"),
      .init(["x"], .help, in: [.list], group: "A", help: "same words"),
      .init(["-"], .left, in: [.list], group: "A", help: "other words", line: .quit),
      .init(["+", "*"], .quit, in: [.prompt], group: "A", help: "same words"),
    ])
    #expect(
      table.helpSections.map(\.entries) == [
        [.init(keys: "+ - *", text: "same words"), .init(keys: "x", text: "same words")]
      ])
    #expect(table.label(of: .quit, in: .prompt) == "+")
  }

  private enum Action { case quit, help, left }
  private enum Context { case list, prompt }

  @Test func `one key table gives dispatch, hints, help and duplicates`() {
    let table = KeyTable<Action, Context>([
      .init([.character("q")], .quit, in: [.list], group: "Program", help: "quit", hint: "quit"),
      .init(
        [.character("?"), .function(1)], .help, in: [.list, .prompt], group: "Program",
        help: "this help"),
      .init([.left, .character("q")], .left, in: [.list], group: "Moving", help: "to the left"),
    ])
    #expect(table.action(for: .character("q"), in: .list) == .quit)
    #expect(table.action(for: .character("q"), in: .prompt) == nil)
    #expect(table.conflicts.map(\.actions) == [[.quit, .left]])
    #expect(table.hinted(in: .list).map(\.hint) == ["quit"])
    #expect(table.helpSections.map(\.title) == ["Program", "Moving"])
    let rebound = table.rebinding(.left, to: [.character("b")])
    #expect(rebound.conflicts.isEmpty)
    #expect(rebound.action(for: .character("b"), in: .list) == .left)
  }
}
