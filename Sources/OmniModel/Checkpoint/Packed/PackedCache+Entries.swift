import Foundation

extension PackedCache {
  /// A file of the cache.
  public struct Entry: Sendable {
    /// What a file turned out to hold.
    public enum State: Sendable, Equatable {
      /// Of the checkpoint in this directory.
      case packed(checkpoint: String)
      /// Being written, or left behind by a process that was ended.
      case unfinished
      case damaged
    }

    public let path: String
    public let bytes: Int
    public let modified: Date
    public let state: State
  }

  /// What the cache holds, by name.
  public var entries: [Entry] {
    paths([Self.suffix, Self.suffix + PackedFileWriter.partialSuffix]).compactMap { path in
      guard let values = try? FileManager.default.attributesOfItem(atPath: path),
        let bytes = values[.size] as? Int, let modified = values[.modificationDate] as? Date
      else { return nil }
      return Entry(path: path, bytes: bytes, modified: modified, state: Self.state(path))
    }
  }

  private static func state(_ path: String) -> Entry.State {
    if path.hasSuffix(PackedFileWriter.partialSuffix) { return .unfinished }
    return (try? PackedFile(path)).map { .packed(checkpoint: $0.table.source.directory) }
      ?? .damaged
  }

  /// Removes every file of the cache. Who uses one keeps it until the end.
  /// - Returns: paths that could not be removed.
  public func clear() -> [String] {
    paths([Self.suffix, Self.suffix + PackedFileWriter.partialSuffix]).filter { unlink($0) != 0 }
  }

  /// Reads every file.
  /// - Returns: files whose contents are not what was written.
  public func damagedEntries() -> [Entry] {
    entries.filter { entry in
      guard entry.state != .unfinished else { return false }
      return (try? PackedFile(entry.path))?.hasDamage ?? true
    }
  }

  /// Removes what nobody will use: files of checkpoints that are gone, and what processes that were
  /// ended left unfinished.
  func removeAbandoned() {
    for path in paths([Self.suffix]) {
      guard let file = try? PackedFile(path) else { continue }
      if !FileManager.default.fileExists(atPath: file.table.source.directory) { unlink(path) }
    }
    for path in paths([Self.suffix + PackedFileWriter.partialSuffix]) {
      PackedFileWriter.removeIfAbandoned(path)
    }
  }

  private func paths(_ suffixes: [String]) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return names.sorted().filter { name in suffixes.contains { name.hasSuffix($0) } }
      .map { directory + "/" + $0 }
  }
}
