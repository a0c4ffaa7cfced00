import Foundation
import Tensors

/// Identifies a checkpoint without reading its weights: its path, and the size, times and header of
/// every weight file.
struct CheckpointIdentity: Sendable, Codable, Equatable {
  struct File: Sendable, Codable, Equatable {
    let name: String
    let version: FileVersion
    /// Checksum of the safetensors header.
    let header: UInt64
  }

  /// Absolute path of the checkpoint with links resolved; of the adapter, if there is one.
  let directory: String
  /// Path of the base model that an adapter is merged into; nil without an adapter.
  let base: String?
  let files: [File]
  /// Checksum of the quantisation and adapter settings; nil without either.
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

  /// Computes the checksum of the settings; nil if the weights are neither quantised nor merged.
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

  /// The absolute path of a directory, with links resolved.
  static func resolved(_ directory: String) -> String {
    guard let path = realpath(directory, nil) else { return directory }
    defer { free(path) }
    return String(cString: path)
  }
}
