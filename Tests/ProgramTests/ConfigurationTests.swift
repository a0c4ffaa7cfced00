import Foundation
import Testing

/// `config.toml`, and the commands that tell of it.
@Suite struct `A configuration` {
  private func keys(_ toml: String, _ format: String = "text") async throws -> Program.Outcome {
    let scratch = try Scratch()
    try scratch.write("config.toml", Data(toml.utf8))
    return try await Program.run(
      ["keys", "--format", format, "--config", scratch.path("config.toml")])
  }

  private struct Row: Decodable {
    let action: String
    let keys, contexts: [String]
  }

  private func rows(_ outcome: Program.Outcome) throws -> [Row] {
    try JSONDecoder().decode([Row].self, from: Data(outcome.output.utf8))
  }

  @Test func `configured keys are bound, and actions that lost keys are named`()
    async throws
  {
    let outcome = try await keys(
      "[keys]\nnext = [\"x\", \"d\"]\n\n[keys.log]\nquit = \"Q\"\n", "json")
    #expect(outcome.code == 0)
    let rows = try rows(outcome)
    #expect(rows.filter { $0.action == "next" }.map(\.keys) == [["x", "d"]])
    #expect(!rows.contains { $0.action == "next-drop" && $0.keys.contains("d") })
    #expect(outcome.errorOutput.contains("config.toml:2: d was bound to next-drop in"))
    #expect(rows.contains { $0.action == "quit" && $0.keys == ["Q"] && $0.contexts == ["log"] })
    #expect(
      rows.contains { $0.action == "quit" && $0.keys == ["q"] && $0.contexts.contains("help") })
  }

  @Test(arguments: [
    ("theme = 3", "1: theme must be a string"),
    ("\nthema = \"nord\"", "2: unknown key thema"),
    ("color = \"pink\"", "1: color must be one of auto"),
    ("retention = 101", "1: retention must be a number from 1 to 100"),
    ("[keys]\nfly = \"x\"", "2: unknown action fly"),
    ("[keys]\nnext = \"ctrl-alt-del\"", "2: ctrl-alt-del is not a key name for next"),
    ("[keys.kitchen]\nnext = \"x\"", "unknown context kitchen"),
    ("[keys", "1: invalid TOML"),
    ("keys = 1", "1: keys must be a table"),
  ])
  func `an invalid configuration entry gives a warning with its line`(
    _ toml: String, errorOutput: String
  ) async throws {
    let outcome = try await keys(toml, "json")
    #expect(outcome.code == 0)
    #expect(outcome.errorOutput.contains("config.toml:"), "\(outcome.errorOutput)")
    #expect(outcome.errorOutput.contains(errorOutput), "\(outcome.errorOutput)")
    #expect(try rows(outcome).contains { $0.action == "next" && $0.keys == ["n"] })
  }

  @Test func `a missing file of --config is an error`() async throws {
    let given = try await Program.run(["keys", "--config", "/nowhere/c.toml"])
    #expect(given.code == 1 && given.errorOutput.contains("/nowhere/c.toml cannot be read"))
    let named = try await Program.run(["keys"], environment: ["SEATS_TOP_CONFIG": "/nowhere"])
    #expect(named.code == 1)
  }

  @Test func `an empty XDG_CONFIG_HOME counts as unset`() async throws {
    let place = try Scratch()
    try FileManager.default.createDirectory(
      at: place.url.appending(path: "seats-top/themes"), withIntermediateDirectories: true)
    try place.write("seats-top/themes/rogue.toml", Data("inherits = 'ansi'".utf8))
    let inPlace = ["sh", "-c", #"cd "$0" && exec "$@""#, place.url.path]
    for (value, isThere) in [("", false), (place.url.path, true)] {
      let themes = try await Program.run(
        ["themes"], environment: ["XDG_CONFIG_HOME": value, "HOME": "/nowhere"], through: inPlace)
      #expect(themes.code == 0 && themes.output.contains("rogue") == isThere, "\(themes)")
    }
  }

  @Test(arguments: ["themes", "samples", "doctor"])
  func `list commands print text or JSON`(_ command: String) async throws {
    let text = try await Program.run([command], environment: ["TERM": "xterm-256color"])
    #expect(text.code == 0, "\(text.output)\(text.errorOutput)")
    #expect(
      text.output.contains(
        ["themes": "nord", "samples": "two-parts", "doctor": "BLAS"][command] ?? ""))
    #expect(!text.output.contains("\u{1B}"))
    let json = try await Program.run(
      [command, "--format", "json"], environment: ["TERM": "xterm-256color"])
    let entries = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
    let key = ["themes": "name", "samples": "title", "doctor": "subject"][command] ?? ""
    let names = try #require(entries).compactMap { $0[key] as? String }
    #expect(names.count == entries?.count && Set(names).count == names.count && !names.isEmpty)
    for name in names { #expect(text.output.contains(name), "\(name) is missing in the text") }
  }

  @Test func `doctor names missing tools and unusable settings`() async throws {
    let outcome = try await Program.run(
      ["doctor"], environment: ["TERM": "dumb", "PATH": "/nowhere:/usr/bin"])
    #expect(outcome.code == 1)
    #expect(outcome.output.contains("FAIL TERM"))
  }
}

extension `The screen in a terminal` {
  @Suite struct `A configured screen` {
    @Test func `the screen starts with the configured theme, budget and keys`() async throws {
      try await TmuxSession.open(columns: 100, rows: 30) { screen in
        try screen.scratch.write(
          "config.toml",
          Data("theme = \"nord\"\nretention = 25\nweather = 1\n[keys]\nnext = \"x\"\n".utf8))
        var program = ScreenProgram()
        program.options += ["--config", "config.toml"]
        try await screen.start(program)
        try await screen.sees("seats R 25 · paused", "▶ layer 1", "x next", "unknown key weather")
        try await screen.press("x")
        try await screen.sees("layer 1/10")
        try await screen.press("n")
        try await screen.sees("n does nothing here")
        try await screen.press("q")
        try await screen.expectEnd(0)
        try await screen.sees("config.toml:3: unknown key weather, ignored.")
      }
    }
  }
}
