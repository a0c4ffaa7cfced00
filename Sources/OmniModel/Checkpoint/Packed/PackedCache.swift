import Foundation

/// A folder of packed weights, one file for each checkpoint: packing happens once, and every later
/// start maps what came of it.
public struct PackedCache: Sendable, Equatable {
  public let directory: String

  static let suffix = ".packed"

  public init(directory: String) { self.directory = directory }

  /// `seats-top` in `$XDG_CACHE_HOME`, else in `~/.cache`.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    // Relative paths are to be ignored, says the specification of these folders.
    func path(_ name: String) -> String? {
      environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    let home = path("HOME") ?? NSHomeDirectory()
    directory = (path("XDG_CACHE_HOME") ?? home + "/.cache") + "/seats-top"
  }

  /// The file of a checkpoint; a changed checkpoint takes the place of what it was.
  func path(of checkpoint: CheckpointIdentity) -> String {
    // FNV-1a.
    let hash = checkpoint.directory.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    let digits = String(hash, radix: 16)
    return "\(directory)/\(String(repeating: "0", count: 16 - digits.count))\(digits)\(Self.suffix)"
  }
}

/// What a user may want to know of the cache. None of it stops a run.
public enum PackedCacheEvent: Error, Sendable, Equatable {
  /// Weights are being packed and written, about so many bytes of them.
  case packing(path: String, bytes: Int)
  /// The weights are packed into memory, and nothing is kept.
  case unused(PackedCacheFault)
  /// The file system of the cache has no locks, as the reason says: other processes may pack the
  /// same weights at the same time.
  case unlocked(path: String, reason: String)
  /// What was found is of no use and is made anew.
  case discarded(PackedCacheFault)
}

/// Why packed weights cannot be kept or used. `reason` in a few words, mostly the system's.
public enum PackedCacheFault: Error, Sendable, Equatable {
  case unwritable(path: String, reason: String)
  /// The file would take more than half of what is free. Bytes.
  case noRoom(path: String, required: Int, available: Int)
  case unreadable(path: String, reason: String)
  /// The file is not what was written.
  case damaged(path: String, reason: String)
  /// Another process is packing the same checkpoint, and gets no further.
  case busy(path: String)
}
