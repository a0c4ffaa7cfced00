import ArgumentParser
import Basics
import Dashboard
import Foundation
import Terminal
import UserConfiguration

/// `seats-top keys`: lists the keys of the screen.
struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "List the keys of the screen, with your configuration.")

  @Option(help: "Output format: text, json or markdown.")
  var format = KeysFormat.text

  @Option(help: "Configuration file (default: your config.toml).", completion: .file())
  var config: String?

  func validate() throws { try StandardStream.refuse(config, as: "--config") }

  func run() throws {
    let configuration = try Configuration.load(config)
    for warning in configuration.warnings {
      Console.warn("seats-top: \(ErrorMessage.printable(ErrorMessage.about(warning)))")
    }
    try Console.emit(try format.render(configuration.keys))
  }
}

enum KeysFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, markdown

  func render(_ keys: AppKeyTable) throws -> Data {
    let rows = KeyRow.rows(keys)
    switch self {
    case .text: return Data(Self.text(rows).utf8)
    case .markdown:
      let lines = rows.map { row in
        "| \(row.keys.map { "`\($0)`" }.joined(separator: " ")) | `\(row.action)` | \(row.does) |"
      }
      let head = ["| Keys | Action | Does |", "| --- | --- | --- |"]
      return Data(((head + lines).joined(separator: "\n") + "\n").utf8)
    case .json: return try JSONEncoder.pretty(rows)
    }
  }

  private static func text(_ rows: [KeyRow]) -> String {
    let keys = rows.map { $0.keys.joined(separator: " ").count }.max() ?? 0
    let actions = rows.map(\.action.count).max() ?? 0
    var lines: [String] = []
    var group: String?
    for row in rows {
      if row.group != group { lines += (group == nil ? [] : [""]) + [row.group] }
      group = row.group
      let shown = row.keys.joined(separator: " ")
      lines.append(
        "  " + shown.padding(toLength: keys, withPad: " ", startingAt: 0) + "  "
          + row.action.padding(toLength: actions, withPad: " ", startingAt: 0) + "  \(row.does)")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// A key binding in the JSON output.
private struct KeyRow: Encodable {
  let group: String
  let action: String
  /// Names of the keys as in configuration files.
  let keys: [String]
  var contexts: [String]
  let does: String

  /// One row for each binding; equal bindings of several screens are one row.
  static func rows(_ table: AppKeyTable) -> [KeyRow] {
    let listed = table.bindings.filter { !$0.help.isEmpty && !$0.keys.isEmpty }
    return listed.reduce(into: []) { rows, binding in
      let row = KeyRow(
        group: binding.group, action: binding.action.name, keys: binding.keys.map(\.name),
        contexts: binding.contexts.map(\.name).sorted(), does: binding.help)
      if let same = rows.firstIndex(where: { $0.isBound(like: row) }) {
        rows[same].contexts = (rows[same].contexts + row.contexts).sorted()
      } else {
        rows.append(row)
      }
    }
  }

  private func isBound(like other: KeyRow) -> Bool {
    (group, action, keys) == (other.group, other.action, other.keys)
  }
}
