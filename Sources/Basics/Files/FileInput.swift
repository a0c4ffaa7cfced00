import Foundation

/// Reads complete regular files; refuses pipes and devices, which may never end.
public enum FileInput {
  /// - Parameter limit: size limit, in bytes.
  /// - Throws: `FileInputError`, also for a larger file.
  public static func read(_ path: String, limit: Int) throws(FileInputError) -> Data {
    // Does not wait for the writer of a pipe.
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

  /// Reads a UTF-8 file.
  public static func text(_ path: String, limit: Int) throws(FileInputError) -> String {
    guard let text = String(data: try read(path, limit: limit), encoding: .utf8) else {
      throw FileInputError(reason: "not UTF-8 text")
    }
    return text
  }
}

/// A file could not be read; `reason` is short, lower case.
public struct FileInputError: Error, Sendable, Equatable {
  public let reason: String

  public init(reason: String) { self.reason = reason }
}
