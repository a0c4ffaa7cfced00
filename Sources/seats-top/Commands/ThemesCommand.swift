import ArgumentParser
import Basics
import Foundation
import Terminal

/// `seats-top themes`: lists the themes.
struct ThemesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "themes", abstract: "List the themes, with samples of their colours.")

  @Option(help: "Output format: text or json.")
  var format = ListFormat.text

  func run() throws {
    let library = ThemeLibrary(directories: ShareDirectory().themes)
    for warning in library.warnings {
      Console.warn("seats-top: \(ErrorMessage.printable(ErrorMessage.about(warning)))")
    }
    let entries = library.names.compactMap { name in
      library.theme(named: name).map { ThemeEntry($0) }
    }
    switch format {
    case .json: try Console.emit(JSONEncoder.pretty(entries))
    case .text:
      let width = entries.map(\.name.count).max() ?? 0
      let lines = entries.map { $0.line(width: width, isColored: Self.showsColor) }
      try Console.emit(painted: lines.joined(separator: "\n") + "\n")
    }
  }

  private static var showsColor: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty
      && environment["TERM"] != "dumb"
  }
}

private struct ThemeEntry: Encodable {
  struct Look: Encodable {
    let foreground, background: String
    let modifiers: [String]
  }

  let name: String
  let roles: [String: Look]
  private let theme: Theme

  enum CodingKeys: CodingKey { case name, roles }

  init(_ theme: Theme) {
    name = theme.name
    self.theme = theme
    roles = Dictionary(
      uniqueKeysWithValues: Role.allCases.map { role in
        let style = theme[role]
        let modifiers = Modifiers.names.filter { style.modifiers.contains($0.value) }
        return (
          role.rawValue,
          Look(
            foreground: "\(style.foreground)", background: "\(style.background)",
            modifiers: modifiers.map(\.name))
        )
      })
  }

  private static let samples: [(role: Role, word: String)] = [
    (.normal, " normal "), (.text, " text "), (.video, " video "), (.audio, " audio "),
    (.dropped, " dropped "), (.current, " current "), (.good, " good "), (.warning, " warning "),
    (.selection, " selection "),
  ]

  func line(width: Int, isColored: Bool) -> String {
    let padded = name.printable.padding(toLength: width, withPad: " ", startingAt: 0)
    guard isColored else {
      let colors = Self.samples.dropFirst().prefix(3).map { sample in
        "\(sample.role.rawValue) \(theme[sample.role].foreground)"
      }
      return "\(padded)  \(colors.joined(separator: "  "))"
    }
    return padded + "  " + Self.samples.map { Self.painted($0.word, theme[$0.role]) }.joined()
  }

  private static func painted(_ word: String, _ style: Style) -> String {
    let style = ColorDepth.full.nearest(style)
    var codes: [String] = []
    if case .indexed(let index) = style.foreground { codes.append("38;5;\(index)") }
    if case .indexed(let index) = style.background { codes.append("48;5;\(index)") }
    for (modifier, code) in [(Modifiers.bold, "1"), (.underlined, "4"), (.reversed, "7")]
    where style.modifiers.contains(modifier) {
      codes.append(code)
    }
    return "\u{1B}[\(codes.joined(separator: ";"))m\(word)\u{1B}[0m"
  }
}
