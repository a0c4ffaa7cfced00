import Foundation

/// What a checkpoint is recognised by without reading it: where it lies, and of every file with
/// weights of the thinker the size, the times and the table of tensors.
struct CheckpointIdentity: Sendable, Codable, Equatable {
  struct File: Sendable, Codable, Equatable {
    let name: String
    let version: FileVersion
    /// Checksum of the header, which says what the tensors are and where.
    let header: UInt64
  }

  /// Without symbolic links.
  let directory: String
  let files: [File]

  init(_ checkpoint: Checkpoint) {
    directory = Self.resolved(checkpoint.directory)
    files = checkpoint.opened.map { file in
      File(
        name: (file.file.path as NSString).lastPathComponent, version: file.file.version,
        header: file.headerChecksum)
    }
    .sorted { $0.name < $1.name }
  }

  /// The path that every way to the directory leads to.
  static func resolved(_ directory: String) -> String {
    guard let path = realpath(directory, nil) else { return directory }
    defer { free(path) }
    return String(cString: path)
  }
}
