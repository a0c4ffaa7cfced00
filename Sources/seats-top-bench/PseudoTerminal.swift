import Foundation

/// A program running on a pseudo-terminal of initially 200 × 60 cells.
final class PseudoTerminal {
  /// Process id of the program.
  let process: pid_t
  private let master: Int32
  private var ending: Int32?
  private static let patience = Duration.seconds(60)

  init(_ program: String, _ arguments: [String]) throws {
    var (master, slave): (Int32, Int32) = (-1, -1)
    guard openpty(&master, &slave, nil, nil, nil) == 0, let name = ttyname(slave) else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
    defer { Foundation.close(slave) }
    for end in [master, slave] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    self.master = master
    process = try Self.spawn([program] + arguments, on: String(cString: name))
    resize(columns: 200, rows: 60)
  }

  /// Starts the program in its own session with this controlling terminal, so that ^C, resizes and
  /// hang-ups arrive as signals.
  private static func spawn(_ words: [String], on terminal: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
    for stream: Int32 in [1, 2] { posix_spawn_file_actions_adddup2(&actions, 0, stream) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // POSIX_SPAWN_SETSID, a GNU extension in glibc that Swift cannot import.
    posix_spawnattr_setflags(&attributes, 0x80)
    let variables = ProcessInfo.processInfo.environment.merging(
      ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8"], uniquingKeysWith: { $1 })
    let environment = variables.map { strdup("\($0)=\($1)") } + [nil]
    let arguments = words.map { strdup($0) } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var process: pid_t = 0
    let failure = posix_spawn(&process, words[0], &actions, &attributes, arguments, environment)
    guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EIO) }
    return process
  }

  func write(_ keys: String) {
    let bytes = Array(keys.utf8)
    _ = Foundation.write(master, bytes, bytes.count)
  }

  func resize(columns: Int, rows: Int) {
    var size = winsize(
      ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  /// Reads output until it satisfies `isEnough`, or until the timeout.
  func read(_ isEnough: (String) -> Bool) {
    var text = ""
    let deadline = ContinuousClock.now + Self.patience
    while !isEnough(text), ContinuousClock.now < deadline {
      text += String(decoding: next(within: 1000), as: UTF8.self)
    }
  }

  /// Discards output for a time, or until there is no output for `silence`.
  func drain(for time: Duration, silence: Duration? = nil) {
    let deadline = ContinuousClock.now + time
    while true {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { return }
      let wait = min(left, silence ?? left) / .milliseconds(1)
      if next(within: Int32(wait.rounded(.up))).isEmpty, silence != nil { return }
    }
  }

  /// Reads the next output; empty on timeout.
  func next(within milliseconds: Int32) -> [UInt8] {
    var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, milliseconds) > 0 else { return [] }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = Foundation.read(master, &buffer, buffer.count)
    // A closed terminal always polls as readable, so the loop waits here.
    if count <= 0 { usleep(useconds_t(max(0, min(milliseconds, 20))) * 1000) }
    return Array(buffer.prefix(max(0, count)))
  }

  /// The wait status of the program; nil while it is running.
  func status() -> Int32? {
    var status: Int32 = 0
    if ending == nil, waitpid(process, &status, WNOHANG) == process { ending = status }
    return ending
  }

  func close() {
    if status() == nil { kill(process, SIGTERM) }
    while status() == nil { _ = next(within: 20) }
    Foundation.close(master)
  }
}
