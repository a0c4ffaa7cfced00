import Foundation

/// Writes results whole or not at all: what stood there before survives a failure.
public enum FileOutput {
  /// - Throws: `FileOutputError`.
  public static func write(
    _ data: Data, to path: String, creatingDirectories: Bool = false
  ) throws(FileOutputError) {
    let file = URL(filePath: path)
    do {
      if creatingDirectories {
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      }
      try data.write(to: file, options: .atomic)
    } catch {
      throw FileOutputError(path: path, reason: reason(error))
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch (error as? CocoaError)?.code {
    case .fileWriteNoPermission?, .fileReadNoPermission?: "permission denied"
    case .fileWriteOutOfSpace?: "no space left"
    case .fileWriteVolumeReadOnly?: "the file system is read-only"
    case .fileNoSuchFile?, .fileReadNoSuchFile?: "there is no such directory"
    case .fileWriteFileExists?: "a file is in the way"
    default: "the system refused"
    }
  }
}

/// A result could not be written; `reason` in a few words.
public struct FileOutputError: Error, Sendable, Equatable {
  public let path, reason: String
}
