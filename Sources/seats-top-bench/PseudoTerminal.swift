import Foundation

/// A program on a terminal of 200 × 60 cells that nobody looks at.
final class PseudoTerminal {
  private let master: Int32
  private let process = Process()
  private static let patience = Duration.seconds(60)

  init(_ program: String, _ arguments: [String]) throws {
    var (master, slave): (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: 60, ws_col: 200, ws_xpixel: 0, ws_ypixel: 0)
    guard openpty(&master, &slave, nil, nil, &size) == 0 else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
    self.master = master
    let side = FileHandle(fileDescriptor: slave, closeOnDealloc: true)
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8"], uniquingKeysWith: { $1 })
    process.standardInput = side
    process.standardOutput = side
    process.standardError = side
    try process.run()
  }

  func write(_ keys: String) {
    let bytes = Array(keys.utf8)
    _ = Foundation.write(master, bytes, bytes.count)
  }

  /// Reads until everything read so far satisfies `isEnough`, or patience ends.
  func read(_ isEnough: (String) -> Bool) {
    var text = ""
    let deadline = ContinuousClock.now + Self.patience
    while !isEnough(text), ContinuousClock.now < deadline {
      text += String(decoding: next(within: 1000), as: UTF8.self)
    }
  }

  /// Throws away what comes in this time.
  func drain(for time: Duration) {
    let deadline = ContinuousClock.now + time
    while true {
      let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
      guard left > 0 else { return }
      _ = next(within: Int32(left.rounded(.up)))
    }
  }

  func close() {
    process.terminate()
    while process.isRunning { _ = next(within: 20) }
    Foundation.close(master)
  }

  private func next(within milliseconds: Int32) -> [UInt8] {
    var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, milliseconds) > 0 else { return [] }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = Foundation.read(master, &buffer, buffer.count)
    return Array(buffer.prefix(max(0, count)))
  }
}
