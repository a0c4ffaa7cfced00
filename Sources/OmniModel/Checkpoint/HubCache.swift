import Foundation

/// The local download cache of `huggingface_hub`.
public struct HubCache: Sendable {
  public let directory: String

  /// Locates the cache: `$HF_HUB_CACHE`, else `hub` in `$HF_HOME`, else in `~/.cache/huggingface`.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    func value(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : ($0 as NSString).expandingTildeInPath }
    }
    if let cache = value("HF_HUB_CACHE") ?? value("HUGGINGFACE_HUB_CACHE") {
      directory = cache
    } else {
      let home = value("HOME") ?? NSHomeDirectory()
      let cache = value("XDG_CACHE_HOME") ?? home + "/.cache"
      directory = (value("HF_HOME") ?? cache + "/huggingface") + "/hub"
    }
  }

  /// Whether `name` has the form of a Hub repository: `Qwen/Qwen2.5-Omni-3B`.
  public static func isRepository(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { part in
        !part.isEmpty && !part.hasPrefix(".") && !part.hasPrefix("~")
          && part.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
              UInt8(ascii: "0")...UInt8(ascii: "9"):
              true
            default: "-_.".utf8.contains(byte)
            }
          }
      }
  }

  /// The directory of a downloaded repository: the snapshot that `refs/main` names, or the only
  /// snapshot.
  public func snapshot(of repository: String) throws(CheckpointError) -> String {
    let folder =
      directory + "/models--" + repository.split(separator: "/").joined(separator: "--")
    let snapshots = folder + "/snapshots/"
    if let main = try? String(contentsOfFile: folder + "/refs/main", encoding: .utf8) {
      let revision = main.trimmingCharacters(in: .whitespacesAndNewlines)
      let isName = !revision.isEmpty && !revision.hasPrefix(".") && !revision.contains("/")
      if isName, Self.isDirectory(snapshots + revision) { return snapshots + revision }
    }
    let found = (try? FileManager.default.contentsOfDirectory(atPath: snapshots)) ?? []
    let complete = found.filter { Self.isDirectory(snapshots + $0) }
    guard complete.count == 1, let only = complete.first else {
      throw .notDownloaded(repository: repository, cache: directory)
    }
    return snapshots + only
  }

  private static func isDirectory(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && isDirectory.boolValue
  }
}
