import Testing

@testable import Terminal

struct KeyTests {
  private let decoder = KeyDecoder(specials: [259: .up])

  private func keys(_ text: String) -> [Key] {
    decoder.keys(text.unicodeScalars.map { .character($0.value) })
  }

  @Test func `characters, control keys and the named ones`() {
    #expect(
      keys("q漢\u{c}\r\u{7f}\t") == [
        .character("q"), .character("漢"), .control("l"), .enter, .backspace, .tab,
      ])
    #expect(decoder.keys([.special(259), .special(9999)]) == [.up])
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
