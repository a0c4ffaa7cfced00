import Foundation
import Testing

@testable import Terminal

/// Themes that are not made for reading.
struct HostileThemeTests {
  @Test func `the first problems of a theme are listed, the rest counted`() {
    let roles = (0..<500).map { "k\($0) = { fg = 'red' }" }.joined(separator: "\n")
    let file = ThemeFile("[roles]\n" + roles, file: "x.toml")
    #expect(file.warnings.count == 21)
    #expect(file.warnings[0].problem == .unknownRole("k0") && file.warnings[0].line == 2)
    #expect(file.warnings[20].problem == .more(480))
  }

  @Test func `an oversized theme file is refused without reading it`() {
    let file = ThemeFile(String(repeating: "# note\n", count: 10_000), file: "x.toml")
    #expect(file.warnings.map(\.problem) == [.syntax("more than 65536 bytes")])
  }

  @Test func `a pipe in the themes folder is skipped`() throws {
    let directory = URL.temporaryDirectory.appending(path: "themes-\(UUID())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    #expect(mkfifo(directory.appending(path: "pipe.toml").path, 0o600) == 0)
    let library = ThemeLibrary(directories: [directory])
    #expect(library.warnings.map(\.problem) == [.unreadable])
    #expect(library.theme(named: "pipe") == nil)
  }
}
