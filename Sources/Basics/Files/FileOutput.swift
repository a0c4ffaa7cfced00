import Foundation

/// Writes files atomically, so that a failure leaves the previous file unchanged. Pipes and devices
/// are written directly.
public enum FileOutput {
  /// Writes data to a file, pipe, device or descriptor.
  /// - Throws: `FileOutputError`.
  public static func write(
    _ data: Data, to path: String, creatingDirectories: Bool = false
  ) throws(FileOutputError) {
    try write(data, to: path, creatingDirectories: creatingDirectories, patience: .seconds(5))
  }

  /// Writes data to a target of known kind.
  /// - Parameters:
  ///   - patience: timeout for a pipe without a reader.
  ///   - allowsNameless: whether a temporary file without a name may be used.
  public static func write(
    _ data: Data, to path: String, creatingDirectories: Bool = false, patience: Duration,
    allowsNameless: Bool = true
  ) throws(FileOutputError) {
    switch try OutputTarget(path) {
    case .file(let place, let permissions):
      if creatingDirectories { try createDirectory(of: place, path) }
      do throws(SystemFailure) {
        let file = try ReplacementFile(
          for: place, permissions: permissions, allowsNameless: allowsNameless)
        try write(data, to: file.descriptor)
        _ = try file.publish()
      } catch {
        throw FileOutputError(path: path, code: error.code)
      }
    case .stream(let place):
      let descriptor = try OutputStreams.open(place, path, patience: patience)
      defer { close(descriptor) }
      try stream(data, to: descriptor, path)
    case .descriptor(let descriptor): try stream(data, to: descriptor, path)
    }
  }

  private static func stream(
    _ data: Data, to descriptor: Int32, _ path: String
  ) throws(FileOutputError) {
    // A reader that closes the pipe must give a write error, not the signal SIGPIPE.
    signal(SIGPIPE, SIG_IGN)
    do throws(SystemFailure) {
      try write(data, to: descriptor)
    } catch {
      throw FileOutputError(path: path, code: error.code)
    }
  }

  /// Writes all bytes to a file descriptor.
  public static func write(_ data: Data, to descriptor: Int32) throws(SystemFailure) {
    var rest = data[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemFailure(code: errno) }
      rest = rest.dropFirst(count)
    }
  }

  private static func createDirectory(
    of place: String, _ path: String
  ) throws(FileOutputError) {
    do {
      try FileManager.default.createDirectory(
        atPath: OutputTarget.directory(of: place), withIntermediateDirectories: true)
    } catch {
      throw FileOutputError(path: path, reason: reason(error))
    }
  }

  /// A short reason of an error for messages: lower case, no full stop.
  public static func reason(_ error: any Error) -> String {
    switch (error as? CocoaError)?.code {
    case .fileWriteNoPermission?, .fileReadNoPermission?: "permission denied"
    case .fileWriteOutOfSpace?: "no space left"
    case .fileWriteVolumeReadOnly?: "the file system is read-only"
    case .fileNoSuchFile?, .fileReadNoSuchFile?: "no such directory"
    case .fileWriteFileExists?: "not a directory"
    default: (error as? SystemFailure).map { reason($0.code) } ?? "input/output error"
    }
  }

  /// A short reason of a system error for messages.
  /// - Parameter code: a value of `errno`.
  public static func reason(_ code: Int32) -> String {
    switch code {
    case EACCES, EPERM: "permission denied"
    case ENOSPC, EDQUOT: "no space left"
    case EROFS: "the file system is read-only"
    case ENOENT: "no such directory"
    case ENOTDIR: "not a directory"
    default: String(cString: strerror(code))
    }
  }
}

/// Opens pipes and devices for writing.
public enum OutputStreams {
  /// Opens a pipe or device.
  /// - Parameter patience: timeout for a pipe without a reader; nil waits without limit.
  public static func open(
    _ place: String, _ path: String, patience: Duration?
  ) throws(FileOutputError) -> Int32 {
    guard let patience else {
      let descriptor = Glibc.open(place, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw FileOutputError(path: path, code: errno) }
      return descriptor
    }
    let start = ContinuousClock.now
    while true {
      let descriptor = Glibc.open(place, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
      if descriptor >= 0 {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        return descriptor
      }
      guard errno == ENXIO || errno == EINTR else {
        throw FileOutputError(path: path, code: errno)
      }
      guard ContinuousClock.now - start < patience else {
        throw FileOutputError(path: path, reason: "a pipe without a reader")
      }
      usleep(20_000)
    }
  }
}

/// The error that a file cannot be written; `reason` is short and lower case.
public struct FileOutputError: Error, Sendable, Equatable {
  public let path, reason: String

  public init(path: String, reason: String) {
    (self.path, self.reason) = (path, reason)
  }

  /// The error for a failed system call on a path.
  /// - Parameter code: a value of `errno`.
  public init(path: String, code: Int32) {
    self.init(path: path, reason: FileOutput.reason(code))
  }
}
