import Foundation
import Testing

@testable import Terminal

/// Compiled terminfo entries, extended by direct colours.
struct TerminalDescriptionTests {
  private let environment = ProcessInfo.processInfo.environment

  private func bytes(_ name: String) throws -> [UInt8] {
    let found = ["/lib/terminfo", "/usr/share/terminfo", "/etc/terminfo"].lazy.compactMap {
      FileManager.default.contents(atPath: "\($0)/\(name.prefix(1))/\(name)")
    }.first
    return [UInt8](try #require(found))
  }

  @Test(arguments: ["xterm-256color", "tmux-256color", "screen-256color", "linux", "vt100"])
  func `an entry is the same after writing and reading it`(name: String) throws {
    let entry = try #require(TerminalDescription(try bytes(name)))
    #expect(TerminalDescription(entry.compiled) == entry)
  }

  @Test func `an entry with 32-bit numbers is written byte by byte as it was read`() throws {
    let original = try bytes("xterm-256color")
    let written = try #require(TerminalDescription(original)).compiled
    #expect(written.prefix(12) == original.prefix(12))
    // Table offsets may be in another order; the names and flags are not.
    #expect(written.prefix(60) == original.prefix(60))
  }

  @Test func `direct colours need 256 colours`() throws {
    #expect(TerminalDescription(try bytes("linux"))?.withDirectColor == nil)
    #expect(TerminalDescription(try bytes("xterm-256color"))?.withDirectColor != nil)
    #expect(TerminalDescription.find("no-such-terminal", environment: environment) == nil)
    #expect(TerminalDescription.find("../../etc/passwd", environment: environment) == nil)
  }

  @Test func `a damaged entry is refused and never read beyond its end`() throws {
    let whole = try bytes("xterm-256color")
    for length in stride(from: 0, to: whole.count, by: 7) {
      _ = TerminalDescription(Array(whole[..<length]))?.withDirectColor?.compiled
    }
    #expect(TerminalDescription([]) == nil && TerminalDescription([0x1e, 2, 255, 255]) == nil)
    var random = SystemRandomNumberGenerator()
    for _ in 0..<500 {
      var damaged = whole
      for _ in 0..<4 {
        damaged[Int.random(in: 0..<whole.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      _ = TerminalDescription(damaged)?.withDirectColor?.compiled
    }
  }

  @Test func `only a terminal that says so gets direct colours unasked`() {
    func allows(_ choice: ColorChoice, _ name: String, _ environment: [String: String]) -> Bool {
      choice.allowsDirect(terminal: name, environment: environment)
    }
    #expect(allows(.auto, "xterm-256color", ["COLORTERM": "truecolor"]))
    #expect(allows(.always, "foot", ["COLORTERM": "24bit"]))
    #expect(!allows(.auto, "xterm-256color", [:]) && !allows(.auto, "xterm", ["COLORTERM": "yes"]))
    #expect(!allows(.full, "xterm-256color", ["COLORTERM": "truecolor"]))
    #expect(allows(.direct, "xterm-256color", [:]))
    #expect(!allows(.auto, "screen-256color", ["COLORTERM": "truecolor"]))
    #expect(
      allows(.auto, "screen-256color", ["COLORTERM": "truecolor", "TMUX": "/tmp/tmux,1,0"]))
  }
}
