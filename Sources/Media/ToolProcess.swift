import Basics
import CToolProcess
import Foundation
import Synchronization

/// A running tool in its own process group, which is killed in any case when this program ends.
///
/// Standard output is read in chunks on demand, so that a slow reader blocks the tool instead of
/// filling memory.
final class ToolProcess: Sendable {
  /// An event of the running tool.
  enum Event: Sendable {
    /// The next bytes of standard output.
    case output([UInt8])
    /// Streams and process have ended; nil means success.
    case ended(ToolEnding?)
    /// The tool gave no output within the timeout.
    case silent
  }

  private enum Phase { case running, killed, over }

  private struct State {
    var phase = Phase.running
    var stderrTail = StderrTail()
    var isOutputOpen = true
    var isErrorOpen = true
  }

  private let process: tool_process
  private let state = Mutex(State())
  /// Waiting blocks a thread, which must not be one of Swift's task pool.
  private let queue = DispatchQueue(label: "ToolProcess")
  private static let tick = Duration.milliseconds(250)
  private static let pieceSize = 1 << 18

  /// Starts a tool.
  /// - Parameters:
  ///   - path: path of the executable
  ///   - environment: environment variables, `NAME=value` each
  ///   - input: open file, which becomes descriptor 3 of the tool
  /// - Throws: `ToolStartError` with the system's error number
  init(
    _ path: String, _ arguments: [String], environment: [String], input: Int32?
  ) throws(ToolStartError) {
    var process = tool_process()
    let code = withCStrings([path] + arguments) { arguments in
      withCStrings(environment) { environment in
        tool_start(path, arguments, environment, input ?? -1, &process)
      }
    }
    guard code == 0 else { throw ToolStartError(code: code) }
    self.process = process
  }

  /// The last lines of the tool's standard error so far.
  var stderrTail: StderrTail { state.withLock { $0.stderrTail } }

  /// Waits for the next event, at most the timeout `patience`. Time in which this program or the
  /// machine was stopped is not counted.
  func next(patience: Duration) async -> Event {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        queue.async { continuation.resume(returning: self.wait(patience)) }
      }
    } onCancel: {
      kill()
    }
  }

  /// Kills the process group; `next` then returns the end.
  func kill() {
    state.withLock { state in
      guard state.phase == .running else { return }
      state.phase = .killed
      tool_kill(process)
    }
  }

  /// Kills the process group and waits for its end with a timeout: a process in uninterruptible I/O
  /// cannot be killed.
  func finish() async {
    kill()
    await withCheckedContinuation { continuation in
      queue.async {
        self.end()
        continuation.resume()
      }
    }
  }
}

/// The error that a tool could not be started, with its errno.
struct ToolStartError: Error {
  let code: Int32
}

extension ToolProcess {
  private func wait(_ patience: Duration) -> Event {
    var clock = StallTimer(patience: patience, longestStep: Self.tick)
    while true {
      let (isOutputOpen, isErrorOpen) = state.withLock { ($0.isOutputOpen, $0.isErrorOpen) }
      if !isOutputOpen, !isErrorOpen {
        if let ending = hasEnded() { return .ended(ending) }
        usleep(500)
      } else if let piece = readAvailable(isOutputOpen, isErrorOpen) {
        return .output(piece)
      }
      if clock.isPatienceOver() { return .silent }
    }
  }

  /// Waits a short time for output on either stream, and reads it.
  private func readAvailable(_ isOutputOpen: Bool, _ isErrorOpen: Bool) -> [UInt8]? {
    var streams = [
      pollfd(fd: isOutputOpen ? process.output : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: isErrorOpen ? process.error : -1, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&streams, 2, Int32(Self.tick / .milliseconds(1))) > 0 else { return nil }
    if streams[1].revents != 0 {
      switch availableBytes(of: process.error, atMost: 1 << 16) {
      case nil: break
      case .some(let piece) where piece.isEmpty: state.withLock { $0.isErrorOpen = false }
      case .some(let piece): state.withLock { $0.stderrTail.append(piece.span.bytes) }
      }
    }
    guard streams[0].revents != 0,
      let piece = availableBytes(of: process.output, atMost: Self.pieceSize)
    else { return nil }
    guard piece.isEmpty else { return piece }
    state.withLock { $0.isOutputOpen = false }
    return nil
  }

  /// How the tool has ended; nil while it is running.
  private func hasEnded() -> ToolEnding?? {
    var status: Int32 = 0
    guard tool_has_ended(process, &status) == 1 else { return nil }
    return .some(ToolEnding(failed: status))
  }

  private func end() {
    var clock = StallTimer(patience: .seconds(2), longestStep: Self.tick)
    while hasEnded() == nil, !clock.isPatienceOver() { usleep(500) }
    state.withLock { state in
      guard state.phase != .over else { return }
      state.phase = .over
      tool_end(process)
    }
  }
}

/// Measures time without output. A gap longer than `longestStep` between checks counts as
/// `longestStep`: it means that this program or the machine was stopped.
struct StallTimer {
  let patience: Duration
  let longestStep: Duration
  private var silence = Duration.zero
  private var lastLook: ContinuousClock.Instant

  init(
    patience: Duration, longestStep: Duration, now: ContinuousClock.Instant = .now
  ) {
    self.patience = patience
    self.longestStep = longestStep
    lastLook = now
  }

  /// Whether the timeout is exceeded. Must be called at least once every `longestStep`.
  mutating func isPatienceOver(now: ContinuousClock.Instant = .now) -> Bool {
    silence += min(now - lastLook, longestStep)
    lastLook = now
    return silence >= patience
  }
}

extension ToolEnding {
  /// The failure that a wait status describes; nil on success.
  fileprivate init?(failed status: Int32) {
    let signal = status & 0x7F
    let code = (status >> 8) & 0xFF
    guard signal != 0 || code != 0 else { return nil }
    self = signal == 0 ? .exit(Int(code)) : .signal(Int(signal))
  }
}
