import ArgumentParser
import Basics
import Foundation
import OmniModel

/// `seats-top cache`: lists, checks or clears cached packed weights and encoder outputs.
struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache", abstract: "List, verify or remove packed weights and encoder outputs.",
    discussion: """
      The first run of a checkpoint in bfloat16 packs its weights and stores them in \
      $XDG_CACHE_HOME/seats-top, or ~/.cache/seats-top, so that later runs start at once. They take \
      as much disk space as the checkpoint, and are created again if they are missing. Encoder \
      outputs of a clip are stored there too, up to 4 GiB, for later questions about the clip.
      """,
    subcommands: [List.self, Check.self, Clear.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the cached files (default).")

    @Option(help: "Output format: text or json.")
    var format = ListFormat.text

    func run() throws {
      let cache = PackedCache()
      let entries = cache.entries
      switch format {
      case .json:
        let kept = entries.map(CachedFile.init)
        try Console.emit(JSONEncoder.pretty(kept))
      case .text:
        let lines = entries.map { "\(ErrorMessage.size($0.bytes))  \($0.state.words)" }
        try Console.emit(lines: lines + [cache.summary])
      }
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Verify the checksums of all cached files.",
      discussion: "Exits with 1 if a file is damaged.")

    func run() throws {
      let damaged = PackedCache().damagedEntries()
      try Console.emit(
        lines: damaged.isEmpty
          ? ["All files are intact."]
          : damaged.map { "\($0.path) is damaged: 'seats-top cache clear' removes it." })
      if !damaged.isEmpty { throw ExitCode(1) }
    }
  }

  struct Clear: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove all cached files.")

    func run() throws {
      let cache = PackedCache()
      let bytes = cache.entries.reduce(0) { $0 + $1.bytes }
      let stubborn = cache.clear()
      guard stubborn.isEmpty else {
        Console.warn(
          "seats-top: \(stubborn.joined(separator: ", ")) cannot be removed: check the permissions "
            + "of \(cache.directory).")
        throw ExitCode(1)
      }
      try Console.emit(lines: ["\(ErrorMessage.size(bytes)) removed from \(cache.directory)"])
    }
  }
}

extension PackedCache {
  /// Number, total size and folder of the cache files, as text.
  var summary: String {
    let entries = entries
    let bytes = entries.reduce(0) { $0 + $1.bytes }
    return entries.isEmpty
      ? "nothing in \(directory)"
      : "\(entries.count) \(entries.count == 1 ? "file" : "files"), \(ErrorMessage.size(bytes)) in \(directory)"
  }
}

extension PackedCache.Entry.State {
  fileprivate var words: String {
    switch self {
    case .packed(let checkpoint): checkpoint
    case .encoded(let checkpoint, let part): "\(part) of a clip, \(checkpoint)"
    case .unfinished: "unfinished"
    case .damaged: "damaged"
    }
  }
}

private struct CachedFile: Encodable {
  let path: String
  let bytes: Int
  let checkpoint: String?
  let state: String

  init(_ entry: PackedCache.Entry) {
    (path, bytes) = (entry.path, entry.bytes)
    switch entry.state {
    case .packed(let directory): (checkpoint, state) = (directory, "packed")
    case .encoded(let directory, _): (checkpoint, state) = (directory, "encoded")
    case .unfinished, .damaged: (checkpoint, state) = (nil, entry.state.words)
    }
  }
}

extension Console {
  static func emit(lines: [String]) throws {
    try emit(Data((lines.map(ErrorMessage.printable).joined(separator: "\n") + "\n").utf8))
  }
}
