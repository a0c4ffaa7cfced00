import Foundation

/// Writes results whole or not at all: what stood there before survives a failure.
public enum FileOutput {
  /// - Throws: `FileOutputError`.
  public static func write(
    _ data: Data, to path: String, creatingDirectories: Bool = false
  ) throws(FileOutputError) {
    let file = URL(filePath: path).resolvingSymlinksInPath()
    let mode = try permissions(of: file, path)
    do {
      if creatingDirectories {
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      }
      try data.write(to: file, options: .atomic)
      if let mode {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
      }
    } catch {
      throw FileOutputError(path: path, reason: reason(error))
    }
  }

  /// What an older file there is allowed; nil where there is none. Devices and pipes are no place
  /// for a file that is renamed into being.
  private static func permissions(of file: URL, _ path: String) throws(FileOutputError) -> Int? {
    var status = stat()
    guard lstat(file.path, &status) == 0 else { return nil }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileOutputError(path: path, reason: "not a regular file")
    }
    return Int(status.st_mode & 0o7777)
  }

  /// In a few words.
  static func reason(_ error: any Error) -> String {
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
