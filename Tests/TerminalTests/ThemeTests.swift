import Foundation
import Testing

@testable import Terminal

struct ThemeTests {
  private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "themes")
  private let library = ThemeLibrary(directories: [directory])

  @Test func `every shipped theme loads without a warning`() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.directory.path)
    let names = files.filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }
    #expect(library.names == names.sorted() && !names.isEmpty)
    for name in names { #expect(library.theme(named: name) != nil, "\(name)") }
    #expect(library.warnings == [])
  }

  @Test func `ansi.toml equals the built-in ansi theme`() {
    for role in Role.allCases { #expect(library.theme(named: "ansi")?[role] == Theme.ansi[role]) }
  }

  @Test func `themes ansi and mono set no background, and no theme dims text`() {
    for name in library.names {
      for role in Role.allCases {
        let style = library.theme(named: name)?[role] ?? .plain
        #expect(!style.modifiers.contains(.dim))
        if ["ansi", "mono"].contains(name) { #expect(style.background == .standard) }
      }
    }
  }

  @Test func `the okabe-ito theme has the published colours`() throws {
    let theme = try #require(library.theme(named: "okabe-ito"))
    let colors = [Role.text, .video, .audio, .dropped].map { theme[$0].foreground.description }
    #expect(colors == ["#e69f00", "#0072b2", "#cc79a7", "#999999"])
  }

  /// WCAG contrast of body text and of the secondary text on the theme's own ground.
  @Test func `text is readable in every theme`() {
    for name in library.names {
      guard let theme = library.theme(named: name) else { continue }
      for role in [
        Role.normal, .faint, .planned, .header, .selection, .status, .error, .warning, .good,
      ] {
        guard let ratio = Self.contrast(theme[role]) else { continue }
        #expect(ratio >= 3.9, "\(role) of \(name): \(ratio)")
      }
      for role in [Role.text, .video, .audio] {
        guard let ratio = Self.contrast(theme[role]) else { continue }
        #expect(ratio >= 2.8, "\(role) of \(name): \(ratio)")
      }
    }
  }

  private static func contrast(_ style: Style) -> Double? {
    guard let a = luminance(style.foreground), let b = luminance(style.background) else {
      return nil
    }
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  private static func luminance(_ color: Color) -> Double? {
    guard case .rgb(let r, let g, let b) = color else { return nil }
    let linear = [r, g, b].map { value -> Double in
      let c = Double(value) / 255
      return c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }

  @Test func `an error in a theme file is reported with file and line`() {
    let file = ThemeFile(
      """
      inherits = "ansi"
      colour = 1
      [roles]
      video = { fg = "#12345" }
      vidoe = { fg = "red" }
      audio = { fg = 300, modifiers = ["loud"] }
      text = "red"
      """, file: "bad.toml")
    #expect(
      Set(file.warnings.map { "\($0.line)" }) == ["2", "4", "5", "6", "7"])
    #expect(
      file.warnings.contains(.init(file: "bad.toml", line: 5, problem: .unknownRole("vidoe"))))
    #expect(file.styles.keys.contains(.video))
  }

  @Test func `invalid TOML in a theme is one warning with its line`() {
    let file = ThemeFile("[roles]\nvideo = {", file: "broken.toml")
    #expect(file.warnings.count == 1)
    #expect(file.warnings.first?.line == 2)
  }

  @Test func `circular theme inheritance is a warning, not an endless loop`() {
    let library = ThemeLibrary([
      ("a", "a.toml", "inherits = \"b\""),
      ("b", "b.toml", "inherits = \"a\"\n[roles]\nvideo = { fg = \"red\" }"),
      ("c", "c.toml", "inherits = \"nowhere\""),
    ])
    #expect(library.theme(named: "a")?[.video].foreground == .indexed(1))
    #expect(library.warnings.contains { $0.problem == .unknownTheme("nowhere") })
    #expect(library.warnings.contains { if case .circle = $0.problem { true } else { false } })
  }

  @Test func `theme colours map to the nearest available colour`() {
    #expect(ColorDepth.full.nearest(.rgb(255, 0, 0)) == .indexed(196))
    #expect(ColorDepth.full.nearest(.rgb(128, 128, 128)) == .indexed(244))
    #expect(ColorDepth.sixteen.nearest(.rgb(250, 10, 10)) == .indexed(9))
    #expect(
      ColorDepth.eight.nearest(Style(foreground: .indexed(9)))
        == Style(foreground: .indexed(1), modifiers: .bold))
    #expect(
      ColorDepth.mono.nearest(Style(foreground: .indexed(1), background: .indexed(4)))
        == Style(modifiers: .reversed))
  }

  @Test func `--color overrides NO_COLOR, which overrides terminfo`() {
    let none = ["NO_COLOR": "1"]
    #expect(ColorChoice.auto.depth(terminal: .full, environment: none) == .mono)
    #expect(ColorChoice.auto.depth(terminal: .full, environment: ["NO_COLOR": ""]) == .full)
    #expect(ColorChoice.always.depth(terminal: .full, environment: none) == .full)
    #expect(ColorChoice.sixteen.depth(terminal: .full, environment: none) == .sixteen)
    #expect(ColorChoice.never.depth(terminal: .full, environment: [:]) == .mono)
  }
}
