import Basics
import Foundation
import Sessions

/// Finds files for the chooser: places that the program knows, and matches of a typed path.
struct PathLookup: Sendable {
  let recent: RecentFiles
  /// The task file of `--tasks`.
  let tasks: String?

  /// Samples, recent files and task files, without repetition.
  func places() -> [OpenPlace] {
    let share = ShareDirectory()
    var places = recent.places()
    places += tasks.map { [OpenPlace(.questions, $0, group: "--tasks")] } ?? []
    places += ((try? share.clips()) ?? []).map { OpenPlace(.clip, $0, group: "sample") }
    places += (try? share.embeddedModel()).map { [OpenPlace(.model, $0, group: "embedded")] } ?? []
    places += (try? share.benchmark()).map { [OpenPlace(.questions, $0, group: "sample")] } ?? []
    places += (try? share.sampleTrace()).map { [OpenPlace(.trace, $0, group: "sample")] } ?? []
    var seen: Set<String> = []
    return places.filter { seen.insert("\($0.kind) \($0.path)").inserted }
  }

  /// Maximum number of matches.
  private static let limit = 300

  /// Files and directories whose paths begin with a typed text.
  func matches(_ typed: String) -> PathMatches {
    let cut = typed.lastIndex(of: "/").map { typed[...$0] } ?? ""
    let name = String(typed.dropFirst(cut.count))
    let folder = Self.expanded(String(cut))
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      return PathMatches(typed, [], problem: "\(cut) cannot be read")
    }
    let places = names.filter { $0.hasPrefix(name) && (!$0.hasPrefix(".") || name.hasPrefix(".")) }
      .sorted().prefix(Self.limit).map { OpenPlace(Self.kind(of: folder + $0), cut + $0) }
    return PathMatches(typed, places)
  }

  /// A path whose `~` is replaced by the home directory.
  static func expanded(_ path: String) -> String {
    guard path.hasPrefix("~/"), let home = ProcessInfo.processInfo.environment["HOME"] else {
      return path
    }
    return home + path.dropFirst()
  }

  /// The kind of a file by its name and beginning.
  static func kind(of path: String) -> OpenPlace.Kind {
    let files = FileManager.default
    var isDirectory: ObjCBool = false
    guard files.fileExists(atPath: path, isDirectory: &isDirectory) else { return .clip }
    if isDirectory.boolValue {
      if files.fileExists(atPath: path + "/clip.toml") { return .clip }
      let isModel = ["config.json", "adapter_config.json"].contains {
        files.fileExists(atPath: "\(path)/\($0)")
      }
      return isModel ? .model : .folder
    }
    guard [".json", ".jsonl", ".tsv"].contains(where: path.lowercased().hasSuffix) else {
      return .clip
    }
    let start = beginning(of: path)
    if start.contains("seats-top/trace") { return .trace }
    return start.contains("\"role\"") ? .conversation : .questions
  }

  /// The first bytes of a regular file as text; empty if it cannot be read.
  private static func beginning(of path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return "" }
    var bytes = [UInt8](repeating: 0, count: 2048)
    let count = read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
