import Basics
import Foundation

/// An on-disk cache of packed weights, one file per checkpoint. Weights are packed once, and later
/// runs map the file.
public struct PackedCache: Sendable, Equatable {
  public let directory: String
  /// Maximum bytes of cached encoder outputs; with 0 they are neither stored nor read.
  public var mostEncodingBytes = 4 << 30
  /// Encoder outputs that need fewer FLOPs are not cached: computing them is as fast as reading.
  var leastEncodingFlops = 1e10

  static let suffix = ".packed"

  public init(directory: String) { self.directory = directory }

  /// Locates the cache: `seats-top` in `$XDG_CACHE_HOME`, else in `~/.cache`.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    // The XDG specification ignores relative paths.
    func path(_ name: String) -> String? {
      environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    let home = path("HOME") ?? NSHomeDirectory()
    directory = (path("XDG_CACHE_HOME") ?? home + "/.cache") + "/seats-top"
  }

  /// The cache file of a checkpoint. A changed checkpoint has the same path and replaces its old
  /// file.
  func path(of checkpoint: CheckpointIdentity) -> String {
    let digits = String(FNV1a(checkpoint.directory).value, radix: 16)
    return "\(directory)/\(String(repeating: "0", count: 16 - digits.count))\(digits)\(Self.suffix)"
  }
}

/// Progress and problems of the cache; none of them stops a run.
public enum PackedCacheEvent: Error, Sendable, Equatable {
  /// Weights are being packed and written to a file of about `bytes` bytes.
  case packing(path: String, bytes: Int)
  /// The cache cannot be used: weights are packed into memory.
  case unused(PackedCacheFault)
  /// The file system does not support locks: other processes may pack the same weights
  /// concurrently.
  case unlocked(path: String, reason: String)
  /// An unusable cache file was discarded and is written again.
  case discarded(PackedCacheFault)
}

/// Errors of the packed-weight cache. `reason` is short, mostly the system's message.
public enum PackedCacheFault: Error, Sendable, Equatable {
  case unwritable(path: String, reason: String)
  /// The cache file would take more than half of the free disk space: bytes required and available.
  case noRoom(path: String, required: Int, available: Int)
  case unreadable(path: String, reason: String)
  /// The contents of a cache file are damaged.
  case damaged(path: String, reason: String)
  /// Another process is packing the same checkpoint but makes no progress.
  case busy(path: String)
}
