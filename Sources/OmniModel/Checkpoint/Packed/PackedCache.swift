import Basics
import Foundation

/// A cache folder of packed weights, one file per checkpoint: packed once, mapped by every later
/// start.
public struct PackedCache: Sendable, Equatable {
  public let directory: String

  static let suffix = ".packed"

  public init(directory: String) { self.directory = directory }

  /// `seats-top` in `$XDG_CACHE_HOME`, else in `~/.cache`.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    // The XDG specification ignores relative paths.
    func path(_ name: String) -> String? {
      environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    let home = path("HOME") ?? NSHomeDirectory()
    directory = (path("XDG_CACHE_HOME") ?? home + "/.cache") + "/seats-top"
  }

  /// The file of a checkpoint; a changed checkpoint replaces its old file.
  func path(of checkpoint: CheckpointIdentity) -> String {
    let digits = String(FNV1a(checkpoint.directory).value, radix: 16)
    return "\(directory)/\(String(repeating: "0", count: 16 - digits.count))\(digits)\(Self.suffix)"
  }
}

/// Notices of the cache. None stops a run.
public enum PackedCacheEvent: Error, Sendable, Equatable {
  /// Weights are being packed and written; approximate size in bytes.
  case packing(path: String, bytes: Int)
  /// Weights are packed into memory, without a file.
  case unused(PackedCacheFault)
  /// The file system has no locks: other processes may pack the same weights at the same time.
  case unlocked(path: String, reason: String)
  /// A file was unusable and is written again.
  case discarded(PackedCacheFault)
}

/// Errors of the cache. `reason` is short, mostly the system's.
public enum PackedCacheFault: Error, Sendable, Equatable {
  case unwritable(path: String, reason: String)
  /// The file would take more than half of the free space. Bytes.
  case noRoom(path: String, required: Int, available: Int)
  case unreadable(path: String, reason: String)
  /// The file is damaged.
  case damaged(path: String, reason: String)
  /// Another process is packing the same checkpoint without progress.
  case busy(path: String)
}
