import Foundation

/// The bytes of a trace, as whole lines.
struct TraceLines: Sendable {
  private var partial = Data()
  /// The rest of a line that is longer than any may be is passed over.
  private var isSkipping = false

  /// Whether something follows the last line feed.
  var hasPartialLine: Bool { !partial.isEmpty || isSkipping }

  /// The lines that are complete with these bytes, without their line feeds.
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

/// Where a trace is read from: a file, a pipe, or standard input.
struct TraceSource: Sendable {
  enum Piece: Sendable {
    case bytes(Data)
    /// Nothing more for now; a file may still grow.
    case nothing
    /// The other end of the pipe is closed.
    case ended
    /// The file became shorter, or another stands in its place: somebody started it anew.
    case startedAnew
  }

  private let path: String
  private let descriptor: Int32
  private let isFile: Bool
  /// The first bytes read of the file: another trace begins otherwise.
  private var beginning = Data()

  /// - Parameter path: `-` reads standard input.
  /// - Throws: `ReplayError`. Blocks while a named pipe has nobody who writes.
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

  /// Nothing of this name is there; it may still come.
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
      if count == 0 { return moveToSuccessor() ? .startedAnew : .nothing }
      let bytes = buffer.prefix(count)
      beginning += bytes.prefix(max(0, Self.beginningBytes - beginning.count))
      return .bytes(bytes)
    }
  }

  func close() {
    if path != "-" { Glibc.close(descriptor) }
  }

  /// Enough for the header of a trace, which names its run, and for where its `run` line begins.
  private static let beginningBytes = 1 << 16

  private var isShorter: Bool {
    var status = stat()
    let position = lseek(descriptor, 0, SEEK_CUR)
    return fstat(descriptor, &status) == 0 && position > status.st_size
  }

  /// The file was emptied and has grown again, perhaps beyond what was read of it.
  private var hasOtherBeginning: Bool {
    guard !beginning.isEmpty else { return false }
    var now = Data(count: beginning.count)
    let count = now.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    return count >= 0 && now.prefix(count) != beginning
  }

  private mutating func restart() -> Piece {
    lseek(descriptor, 0, SEEK_SET)
    beginning = Data()
    return .startedAnew
  }

  /// Goes over to another file of this name, if there is one, as `tail -F` does. A pipe would be
  /// waited for.
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

/// Why a trace cannot be shown.
public enum ReplayError: Error, Sendable, Equatable {
  case unreadable(file: String, reason: String)
  case line(file: String, TraceFault)
  /// The file ends before its `run` line.
  case nothingRecorded(file: String)
  /// The file ends in the middle of a run, after so many whole lines.
  case cutShort(file: String, lines: Int)
  /// More plans than one were recorded; the last is shown.
  case earlierPlans(Int)
  /// Events of a later version.
  case unknownEvents([String])
  /// The writer is gone, after so many lines.
  case writerGone(file: String, lines: Int)
  case startedAnew(file: String)
  /// The writer has ended the trace.
  case complete(lines: Int)
  /// The recording holds no more steps, or no run with full tokens.
  case noMoreSteps
  case noFullRun
  case noRepeats
  /// Not a thing that a recording can do.
  case notInReplay
}
