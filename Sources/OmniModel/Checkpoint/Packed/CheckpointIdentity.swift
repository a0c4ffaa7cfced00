import Foundation
import Tensors

/// What a checkpoint is recognised by without reading it: where it lies, and of every file with
/// weights of the thinker the size, the times and the table of tensors.
struct CheckpointIdentity: Sendable, Codable, Equatable {
  struct File: Sendable, Codable, Equatable {
    let name: String
    let version: FileVersion
    /// Checksum of the header, which says what the tensors are and where.
    let header: UInt64
  }

  /// Without symbolic links; that of the adapter, where one is merged.
  let directory: String
  /// The base that an adapter is merged into.
  let base: String?
  let files: [File]
  /// Checksum of what says how weights are decoded and merged, where that is said.
  let reading: UInt64?

  init(_ checkpoint: Checkpoint) {
    let model = Self.resolved(checkpoint.directory)
    directory = checkpoint.adapter.map { Self.resolved($0.directory) } ?? model
    base = checkpoint.adapter.map { _ in model }
    reading = Self.reading(checkpoint)
    let adapter = checkpoint.adapter.map { [$0.file] } ?? []
    files = (checkpoint.opened + adapter).map { file in
      File(
        name: (file.file.path as NSString).lastPathComponent, version: file.file.version,
        header: file.headerChecksum)
    }
    .sorted { $0.name < $1.name }
  }

  /// Nil where weights are used as they are stored.
  private static func reading(_ checkpoint: Checkpoint) -> UInt64? {
    var paths: [String] = []
    if checkpoint.quantization.isUsed, let settings = checkpoint.quantization.settings {
      paths.append(settings.path)
    }
    if let adapter = checkpoint.adapter { paths.append(adapter.configuration.path) }
    guard !paths.isEmpty else { return nil }
    let texts = paths.map { FileManager.default.contents(atPath: $0) ?? Data() }
    return texts.reduce(Data()) { $0 + $1 }.withUnsafeBytes { Checksum.of($0) }
  }

  /// The path that every way to the directory leads to.
  static func resolved(_ directory: String) -> String {
    guard let path = realpath(directory, nil) else { return directory }
    defer { free(path) }
    return String(cString: path)
  }
}
