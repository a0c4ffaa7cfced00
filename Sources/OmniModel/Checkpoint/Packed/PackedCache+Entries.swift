import Foundation

extension PackedCache {
  /// One file of the packed-weight cache.
  public struct Entry: Sendable {
    /// Result of validating a cache file.
    public enum State: Sendable, Equatable {
      /// A valid file with the packed weights of the checkpoint in this directory.
      case packed(checkpoint: String)
      /// A valid file with outputs of an encoder (`vision` or `audio`) of the checkpoint in this
      /// directory.
      case encoded(checkpoint: String, part: String)
      /// A file that is being written, or that a killed process has left incomplete.
      case unfinished
      case damaged
    }

    public let path: String
    public let bytes: Int
    public let modified: Date
    public let state: State
  }

  /// File name suffixes of complete files.
  private static let suffixes = [suffix, EncoderCache.suffix]
  private static let allSuffixes =
    suffixes + suffixes.map { $0 + PackedFileWriter.partialSuffix }

  /// All files of the cache, sorted by name.
  public var entries: [Entry] {
    paths(Self.allSuffixes).compactMap { path in
      guard let values = try? FileManager.default.attributesOfItem(atPath: path),
        let bytes = values[.size] as? Int, let modified = values[.modificationDate] as? Date
      else { return nil }
      return Entry(path: path, bytes: bytes, modified: modified, state: Self.state(path))
    }
  }

  private static func state(_ path: String) -> Entry.State {
    if path.hasSuffix(PackedFileWriter.partialSuffix) { return .unfinished }
    if path.hasSuffix(EncoderCache.suffix) {
      return (try? EncodingFile(path)).map {
        .encoded(checkpoint: $0.table.key.source.directory, part: $0.table.key.part.rawValue)
      } ?? .damaged
    }
    return (try? PackedFile(path)).map { .packed(checkpoint: $0.table.source.directory) }
      ?? .damaged
  }

  /// Deletes every file of the cache. A process that has mapped a file can still use it.
  /// - Returns: paths that could not be deleted.
  public func clear() -> [String] {
    paths(Self.allSuffixes).filter { unlink($0) != 0 }
  }

  /// Reads and verifies every file of the cache.
  /// - Returns: the damaged files.
  public func damagedEntries() -> [Entry] {
    entries.filter { entry in
      switch entry.state {
      case .unfinished: false
      case .damaged: true
      case .packed: (try? PackedFile(entry.path))?.hasDamage ?? true
      case .encoded: (try? EncodingFile(entry.path))?.hasDamage ?? true
      }
    }
  }

  /// Deletes unused cache files: those of checkpoints that no longer exist, and incomplete ones of
  /// killed processes.
  func removeAbandoned() {
    for path in paths([Self.suffix]) {
      guard let file = try? PackedFile(path) else { continue }
      if !FileManager.default.fileExists(atPath: file.table.source.directory) { unlink(path) }
    }
    for path in paths(Self.suffixes.map { $0 + PackedFileWriter.partialSuffix }) {
      PackedFileWriter.removeIfAbandoned(path)
    }
  }

  private func paths(_ suffixes: [String]) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return names.sorted().filter { name in suffixes.contains { name.hasSuffix($0) } }
      .map { directory + "/" + $0 }
  }
}
