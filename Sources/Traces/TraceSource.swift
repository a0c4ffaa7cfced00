import Foundation

/// Splits the bytes of a trace into lines.
struct TraceLines: Sendable {
  private var partial = Data()
  /// Whether the rest of a line that exceeds the size limit is being skipped.
  private var isSkipping = false

  /// Whether there is data after the last line feed.
  var hasPartialLine: Bool { !partial.isEmpty || isSkipping }

  /// The lines that these bytes complete, without line feeds.
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

/// Input of a trace: a file, a pipe or standard input.
struct TraceSource: Sendable {
  enum Piece: Sendable {
    case bytes(Data)
    /// No data at present; a file may grow.
    case nothing
    /// The writer has closed the pipe.
    case ended
    /// The file was truncated or replaced.
    case restarted
  }

  private let path: String
  private let descriptor: Int32
  private let isFile: Bool
  /// The first bytes of the file, to notice if another trace replaces them.
  private var beginning = Data()

  /// Opens a trace. Blocks while a named pipe has no writer.
  /// - Parameter path: path of the trace; `-` for standard input.
  /// - Throws: `ReplayError`.
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

  /// Whether no file exists at the path.
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

  /// Number of first bytes that are compared: the header and the start of the `run` line.
  private static let beginningBytes = 1 << 16

  private var isShorter: Bool {
    var status = stat()
    let position = lseek(descriptor, 0, SEEK_CUR)
    return fstat(descriptor, &status) == 0 && position > status.st_size
  }

  /// Whether the file was overwritten, even if it is longer than before.
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

  /// Switches to a new file at the same path, like `tail -F`. Does nothing for pipes.
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
  /// The file ends within a run, after this many complete lines.
  case truncated(file: String, lines: Int)
  /// Several plans were recorded; only the last one is shown.
  case earlierPlans(Int)
  /// The trace contains events of a later version.
  case unknownEvents([String])
  /// The writer closed the stream without an `end` line, after this many lines.
  case writerGone(file: String, lines: Int)
  case restarted(file: String)
  /// The trace is complete, with this many lines.
  case complete(lines: Int)
  /// The recording contains no further steps, or no full-token run.
  case noMoreSteps
  case noFullRun
  case noRepeats
  /// The command is not possible in a replay.
  case notInReplay
}
