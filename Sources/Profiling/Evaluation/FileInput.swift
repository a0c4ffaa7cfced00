import Foundation

/// Reads files whole. Pipes and devices may never end, and are refused.
public enum FileInput {
  /// - Parameter limit: the most bytes that are read.
  /// - Throws: `FileInputError`, also for a file that is larger.
  public static func read(_ path: String, limit: Int) throws(FileInputError) -> Data {
    // Without waiting for whoever may write into a pipe.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileInputError(reason: String(cString: strerror(errno))) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw FileInputError(reason: "not a regular file")
    }
    guard status.st_size <= limit else {
      throw FileInputError(reason: "\(status.st_size) bytes are too many")
    }
    do {
      return try handle.read(upToCount: limit) ?? Data()
    } catch {
      throw FileInputError(reason: error.localizedDescription)
    }
  }

  /// The same as text.
  public static func text(_ path: String, limit: Int) throws(FileInputError) -> String {
    guard let text = String(data: try read(path, limit: limit), encoding: .utf8) else {
      throw FileInputError(reason: "not UTF-8 text")
    }
    return text
  }
}

/// A file cannot be read; `reason` in a few words.
public struct FileInputError: Error, Sendable, Equatable {
  public let reason: String
}
