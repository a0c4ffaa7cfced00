import Foundation

/// Splits the bytes of a trace into lines.
struct TraceLines: Sendable {
  private var partial = Data()
  /// Whether the rest of an overlong line is being skipped.
  private var isSkipping = false

  /// Whether there is data after the last line feed.
  var hasPartialLine: Bool { !partial.isEmpty || isSkipping }

  /// The lines completed by these bytes, without line feeds.
  mutating func take(_ bytes: Data) -> [Data] {
    var lines: [Data] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      if isSkipping {
        isSkipping = false
      } else {
        lines.append(partial + rest[..<end])
      }
      partial = Data()
      rest = rest[(end + 1)...]
    }
    guard !isSkipping else { return lines }
    partial += rest
    if partial.count > TraceLimits.lineBytes {
      lines.append(partial)
      partial = Data()
      isSkipping = true
    }
    return lines
  }
}

/// Input of a trace: a file, a pipe, or standard input.
struct TraceSource: Sendable {
  enum Piece: Sendable {
    case bytes(Data)
    /// No data at present; a file may grow.
    case nothing
    /// The other end of the pipe is closed.
    case ended
    /// The file was truncated or replaced.
    case restarted
  }

  private let path: String
  private let descriptor: Int32
  private let isFile: Bool
  /// The first bytes of the file, to detect another trace.
  private var beginning = Data()

  /// - Parameter path: `-` reads standard input.
  /// - Throws: `ReplayError`. Blocks while a named pipe has no writer.
  init(_ path: String) throws(ReplayError) {
    self.path = path
    if path == "-" {
      descriptor = STDIN_FILENO
    } else {
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw .unreadable(file: path, reason: String(cString: strerror(errno)))
      }
    }
    var status = stat()
    let isReadable = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
    isFile = status.st_mode & S_IFMT == S_IFREG
    guard isReadable else {
      close()
      throw .unreadable(file: path, reason: "a directory")
    }
  }

  /// Whether the path does not exist.
  static func isMissing(_ path: String) -> Bool {
    path != "-" && access(path, F_OK) != 0 && errno == ENOENT
  }

  mutating func next() -> Piece {
    var buffer = Data(count: 1 << 18)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard isFile else { return count > 0 ? .bytes(buffer.prefix(count)) : .ended }
      guard count >= 0 else { return .ended }
      if isShorter || hasOtherBeginning { return restart() }
      if count == 0 { return moveToSuccessor() ? .restarted : .nothing }
      let bytes = buffer.prefix(count)
      beginning += bytes.prefix(max(0, Self.beginningBytes - beginning.count))
      return .bytes(bytes)
    }
  }

  func close() {
    if path != "-" { Glibc.close(descriptor) }
  }

  /// Number of first bytes to compare: header and start of the `run` line.
  private static let beginningBytes = 1 << 16

  private var isShorter: Bool {
    var status = stat()
    let position = lseek(descriptor, 0, SEEK_CUR)
    return fstat(descriptor, &status) == 0 && position > status.st_size
  }

  /// Whether the file was rewritten, even if it is longer than before.
  private var hasOtherBeginning: Bool {
    guard !beginning.isEmpty else { return false }
    var now = Data(count: beginning.count)
    let count = now.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    return count >= 0 && now.prefix(count) != beginning
  }

  private mutating func restart() -> Piece {
    lseek(descriptor, 0, SEEK_SET)
    beginning = Data()
    return .restarted
  }

  /// Switches to a new file of this name, like `tail -F`. Pipes are ignored.
  private mutating func moveToSuccessor() -> Bool {
    var mine = stat()
    var named = stat()
    guard path != "-", fstat(descriptor, &mine) == 0, stat(path, &named) == 0,
      (mine.st_dev, mine.st_ino) != (named.st_dev, named.st_ino),
      named.st_mode & S_IFMT == S_IFREG,
      let successor = try? TraceSource(path)
    else { return false }
    close()
    self = successor
    return true
  }
}

/// Errors and notices of a replay.
public enum ReplayError: Error, Sendable, Equatable {
  case unreadable(file: String, reason: String)
  case line(file: String, TraceFault)
  /// The file ends before its `run` line.
  case nothingRecorded(file: String)
  /// The file is truncated within a run, after this many complete lines.
  case truncated(file: String, lines: Int)
  /// Several plans were recorded; the last is shown.
  case earlierPlans(Int)
  /// Events of a later version.
  case unknownEvents([String])
  /// The writer closed the stream after this many lines.
  case writerGone(file: String, lines: Int)
  case restarted(file: String)
  /// The writer has ended the trace.
  case complete(lines: Int)
  /// The recording holds no more steps, or no run with full tokens.
  case noMoreSteps
  case noFullRun
  case noRepeats
  /// Not available in a replay.
  case notInReplay
}
