import Testing

@testable import RemoteEngine

@Suite struct `Command words` {
  @Test(arguments: [
    ("python -m x", ["python", "-m", "x"]), ("  a   b ", ["a", "b"]),
    ("ssh gpu 'python -m x --model ~/a b'", ["ssh", "gpu", "python -m x --model ~/a b"]),
    ("\"a b\"c", ["a bc"]), ("a\\ b", ["a b"]), ("''", [""]), ("\"a\\\"b\\n\"", ["a\"b\\n"]),
    ("a;b|c $HOME *", ["a;b|c", "$HOME", "*"]),
  ])
  func `words are split as a shell splits them, and nothing is expanded`(
    _ command: String, _ words: [String]
  ) {
    #expect(CommandWords.split(command) == words)
  }

  @Test(arguments: ["", "  ", "'a", "\"a", "a\\"])
  func `a command without words or with an open quote has none`(_ command: String) {
    #expect(CommandWords.split(command) == nil)
  }
}
