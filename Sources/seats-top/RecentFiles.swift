import Basics
import Foundation
import Sessions

/// The clips, models, traces and task files that were opened last, in
/// `$XDG_STATE_HOME/seats-top/recent.json`. Reading and writing never fail the program. A file of another
/// format, as of a later version, is neither read nor replaced.
struct RecentFiles: Sendable {
  private struct Entry: Codable, Equatable {
    let kind: OpenPlace.Kind
    let path: String
  }

  private struct Content: Codable {
    var format = RecentFiles.format
    var entries: [Entry] = []
  }

  private static let format = "seats-top/recent/1"
  /// Maximum number of entries; the oldest are removed.
  static let limit = 40
  private static let sizeLimit = 1 << 20

  /// Path of the file; nil if nothing is remembered.
  let file: String?

  /// The file of the environment; an empty variable counts as unset.
  init(
    isOn: Bool = true, environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    let set = { (name: String) in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let base = set("XDG_STATE_HOME") ?? set("HOME").map { "\($0)/.local/state" }
    // The XDG base directory specification ignores relative paths.
    let folder = base.flatMap { $0.hasPrefix("/") ? $0 : nil }
    file = isOn ? folder.map { "\($0)/seats-top/recent.json" } : nil
  }

  /// The remembered places that still exist, newest first.
  func places() -> [OpenPlace] {
    entries().filter { FileManager.default.fileExists(atPath: $0.path) }
      .map { OpenPlace($0.kind, $0.path, group: "recent") }
  }

  /// Remembers a place as the newest.
  func note(_ kind: OpenPlace.Kind, _ path: String) {
    guard let file, path.utf8.count <= 4096, !path.utf8.contains(0) else { return }
    guard format() ?? Self.format == Self.format else { return }
    let place = URL(filePath: path).standardizedFileURL.path
    guard FileManager.default.fileExists(atPath: place) else { return }
    let entry = Entry(kind: kind, path: place)
    var content = Content()
    content.entries = [entry] + entries().filter { $0 != entry }.prefix(Self.limit - 1)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(content) else { return }
    try? FileOutput.write(data + Data("\n".utf8), to: file, creatingDirectories: true)
  }

  /// The format that the file states; nil if there is no file, or it states none.
  private func format() -> String? {
    struct Header: Decodable { let format: String }
    guard let file, let data = try? FileInput.read(file, limit: Self.sizeLimit) else { return nil }
    return try? JSONDecoder().decode(Header.self, fromOutside: data).format
  }

  /// Entries of the file; none if it cannot be read or has another format.
  private func entries() -> [Entry] {
    guard let file, let data = try? FileInput.read(file, limit: Self.sizeLimit),
      let content = try? JSONDecoder().decode(Content.self, fromOutside: data),
      content.format == Self.format
    else { return [] }
    return content.entries.filter { $0.kind != .folder && $0.path.hasPrefix("/") }
      .prefix(Self.limit).map { $0 }
  }
}
