import Testing

@testable import Terminal

struct KeyTests {
  private let decoder = KeyDecoder(specials: [259: .up])

  private func codes(_ text: String) -> [KeyDecoder.Code] {
    text.unicodeScalars.map { .character($0.value) }
  }

  private func keys(_ text: String) -> [Key] {
    decoder.events(codes(text)).compactMap { if case .key(let key) = $0 { key } else { nil } }
  }

  @Test func `characters, control keys and the named ones`() {
    #expect(
      keys("q漢\u{c}\r\u{7f}\t") == [
        .character("q"), .character("漢"), .control("l"), .enter, .backspace, .tab,
      ])
    #expect(decoder.events([.special(259), .special(9999)]) == [.key(.up)])
  }

  @Test func `Escape alone is Escape, before a letter it is Alt`() {
    #expect(keys("\u{1b}") == [.escape])
    #expect(keys("\u{1b}x") == [.alt("x")])
    #expect(keys("\u{1b}\u{1b}") == [.escape, .escape])
  }

  @Test func `a sequence nobody knows does not act as its letters`() {
    #expect(keys("\u{1b}[1;5Aq") == [.character("q")])
    #expect(keys("\u{1b}[200~") == [])
    #expect(keys("\u{1b}OZ+") == [.character("+")])
    #expect(keys("\u{1b}OM+") == [.character("+")])
  }

  @Test func `the left button and the wheel are heard, in both forms of report`() {
    for (text, event) in [
      ("\u{1b}[<0;30;2M", MouseEvent(.press, x: 29, y: 1)),
      ("\u{1b}[<64;1;1M", MouseEvent(.wheelUp, x: 0, y: 0)),
      ("\u{1b}[<65;300;99M", MouseEvent(.wheelDown, x: 299, y: 98)),
      ("\u{1b}[M !\"", MouseEvent(.press, x: 0, y: 1)),
    ] {
      #expect(
        decoder.events(codes("a\(text)b")) == [
          .key(.character("a")), .mouse(event), .key(.character("b")),
        ])
    }
  }

  @Test(arguments: [
    "<0;5;5m", "<1;5;5M", "<2;5;5M", "<16;5;5M", "<32;5;5M", "<66;5;5M", "<0;0;5M", "<0;5M",
    "<0;;M", "<;;;M", "<0;999999999999999999999;1M", "<-1;2;3M", "M\u{22}!!", "0;5;5M",
  ])
  func `nothing else of the mouse is, nor does it act as keys`(_ report: String) {
    #expect(decoder.events(codes("\u{1b}[\(report)q")) == [.key(.character("q"))])
  }

  @Test func `a sequence in pieces is known as one`() {
    for whole in ["\u{1b}[<0;30;2M", "\u{1b}[1;5A", "\u{1b}[M !\""] {
      for end in 3..<whole.unicodeScalars.count {
        let part = String(whole.unicodeScalars.prefix(end))
        #expect(decoder.isCutOff(codes(part)), "\(part.debugDescription)")
        #expect(decoder.events(codes(part)) == [])
      }
      #expect(!decoder.isCutOff(codes(whole)) && !decoder.isCutOff(codes(whole + "q")))
    }
    for whole in ["", "q", "\u{1b}", "\u{1b}[", "\u{1b}x", "\u{1b}\u{1b}"] {
      #expect(!decoder.isCutOff(codes(whole)))
    }
  }

  @Test(arguments: ["q", "space", "ctrl-l", "alt-x", "f1", "pgup", "s-tab", "+", "esc"])
  func `names read back`(name: String) {
    #expect(Key(name)?.name == name)
  }

  @Test func `nonsense is no key`() {
    for name in ["", "f13", "ctrl-", "hyper-x", "ab"] { #expect(Key(name) == nil) }
  }

  private enum Action { case quit, help, left }
  private enum Context { case list, prompt }

  @Test func `one table dispatches, hints, helps and finds duplicates`() {
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
    #expect(table.hints(in: .list) == [.init(action: "quit", key: "q")])
    #expect(table.helpSections.map(\.title) == ["Program", "Moving"])
    let rebound = table.rebinding(.left, to: [.character("b")])
    #expect(rebound.conflicts.isEmpty)
    #expect(rebound.action(for: .character("b"), in: .list) == .left)
  }
}
