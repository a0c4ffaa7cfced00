import Foundation

/// Reads complete regular files; pipes and devices are rejected, since they may never end.
public enum FileInput {
  /// Reads a whole file.
  /// - Parameter limit: maximum size in bytes.
  /// - Throws: `FileInputError`, also if the file is larger.
  public static func read(_ path: String, limit: Int) throws(FileInputError) -> Data {
    // O_NONBLOCK: opening a pipe must not wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileInputError(reason: String(cString: strerror(errno))) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw FileInputError(reason: "not a regular file")
    }
    guard status.st_size <= limit else {
      throw FileInputError(reason: "too large: \(status.st_size) bytes")
    }
    do {
      return try handle.read(upToCount: limit) ?? Data()
    } catch {
      throw FileInputError(reason: error.localizedDescription)
    }
  }

  /// Reads a whole UTF-8 text file.
  public static func text(_ path: String, limit: Int) throws(FileInputError) -> String {
    guard let text = String(data: try read(path, limit: limit), encoding: .utf8) else {
      throw FileInputError(reason: "not UTF-8 text")
    }
    return text
  }
}

/// The error that a file cannot be read; `reason` is short and lower case.
public struct FileInputError: Error, Sendable, Equatable {
  public let reason: String

  public init(reason: String) { self.reason = reason }
}
