import Basics
import CToolProcess
import Foundation
import OmniModel
import Synchronization

/// A child process that answers requests on its standard output.
///
/// A thread reads standard output and standard error; a caller waits only for the answer to its request.
/// Any fault ends the process, and all open requests fail with it.
final class EngineProcess: Sendable {
  private struct State {
    var process: tool_process
    var open: [Int: PendingAnswer] = [:]
    var fault: EngineFault?
    var lines = LineTail()
    var isOver = false
  }

  private let state: Mutex<State>
  private let writing = Mutex(())
  private let onLine: @Sendable (String) -> Void
  /// Seconds without a message while a request is open, after which the process counts as lost.
  private let patience: Int

  /// - Parameters:
  ///   - words: the command and its arguments.
  ///   - onLine: receives each line of its standard error, on a separate thread.
  init(
    _ words: [String], patience: Int, onLine: @escaping @Sendable (String) -> Void
  ) throws(EngineFault) {
    guard let name = words.first, let path = Self.executable(name) else {
      throw EngineFault(.notStarted, reason: words.first ?? "")
    }
    // Writing to a process that has ended is an error, not the end of this program.
    signal(SIGPIPE, SIG_IGN)
    var process = tool_process()
    let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
    let code = withCStrings([path] + words.dropFirst()) { arguments in
      withCStrings(environment) { tool_converse(path, arguments, $0, &process) }
    }
    guard code == 0 else {
      throw EngineFault(.notStarted, reason: "\(name): \(String(cString: strerror(code)))")
    }
    state = Mutex(State(process: process))
    self.onLine = onLine
    self.patience = patience
    let thread = Thread { [weak self, process] in EngineReader(process).run { self } }
    thread.name = "engine reader"
    thread.start()
  }

  deinit { end(nil) }

  /// The fault that ended the process; nil while it runs.
  var fault: EngineFault? { state.withLock { $0.fault } }

  /// Sends a request.
  /// - Returns: the pending answer.
  func send(
    _ id: Int, _ header: [String: RequestValue], _ tensors: [(name: String, tensor: EngineTensor)]
  ) -> PendingAnswer {
    let pending = PendingAnswer()
    let isOpen = state.withLock { state in
      if let fault = state.fault {
        pending.settle(.failure(fault))
        return false
      }
      state.open[id] = pending
      return true
    }
    guard isOpen else { return pending }
    guard let bytes = EngineFrame.bytes(header, tensors) else {
      settle(id, .failure(EngineFault(.refused, reason: "a request of more than 2 GiB")))
      return pending
    }
    write(bytes)
    return pending
  }

  /// Sends a message that has no answer.
  func post(_ header: [String: RequestValue]) {
    if let bytes = EngineFrame.bytes(header, []) { write(bytes) }
  }

  private func write(_ bytes: Data) {
    writing.withLock { _ in
      let target = state.withLock { $0.isOver ? -1 : $0.process.words }
      guard target >= 0 else { return }
      var rest = bytes[...]
      var stalled = 0
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Foundation.write(target, $0.baseAddress, $0.count) }
        if count > 0 {
          rest = rest.dropFirst(count)
          stalled = 0
          continue
        }
        guard count < 0, errno == EAGAIN || errno == EINTR else { return }
        guard fault == nil else { return }
        var ready = pollfd(fd: target, events: Int16(POLLOUT), revents: 0)
        if poll(&ready, 1, 1000) == 0 { stalled += 1 }
        if stalled > patience { return end(EngineFault(.silent(patience), reason: lastLine)) }
      }
    }
  }

  /// Last line of its standard error.
  var lastLine: String { state.withLock { $0.lines.last } }

  /// Ends the process; every open request fails.
  func end(_ fault: EngineFault?) {
    let (open, process) = state.withLock { state -> ([PendingAnswer], tool_process?) in
      let open = Array(state.open.values)
      state.open = [:]
      state.fault = state.fault ?? fault ?? EngineFault(.ended, reason: state.lines.last)
      guard !state.isOver else { return (open, nil) }
      state.isOver = true
      return (open, state.process)
    }
    if let process { tool_kill(process) }
    let reason = self.fault ?? EngineFault(.ended, reason: "")
    for pending in open { pending.settle(.failure(reason)) }
  }

  /// Closes the descriptors of the process after the last write.
  func close() {
    writing.withLock { _ in
      let process = state.withLock { state in
        state.isOver = true
        return state.process
      }
      tool_end(process)
    }
  }

  /// Delivers the result of a request.
  func settle(_ id: Int, _ result: Result<EngineFrame, EngineFault>) {
    state.withLock { $0.open.removeValue(forKey: id) }?.settle(result)
  }

  var isWaiting: Bool { state.withLock { !$0.open.isEmpty } }
  var patienceSeconds: Int { patience }

  func take(_ frame: EngineFrame) {
    if frame["beat"] != nil, frame["id"] == nil { return }
    guard let id = frame["id"]?.integer else {
      // An engine that cannot read a frame reports it without an id, and ends.
      let reason = frame["error"]?.string ?? "an answer without id"
      return end(EngineFault(.malformed, reason: reason))
    }
    settle(id, EngineAnswer.result(frame))
  }

  func takeErrorBytes(_ bytes: [UInt8]) {
    let lines = state.withLock { $0.lines.append(bytes) }
    for line in lines { onLine(line) }
  }

  private static func executable(_ name: String) -> String? {
    func isExecutable(_ path: String) -> Bool {
      var status = stat()
      return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        && access(path, X_OK) == 0
    }
    if name.contains("/") { return isExecutable(name) ? name : nil }
    let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    return search.split(separator: ":").map { "\($0)/\(name)" }.first(where: isExecutable)
  }
}

/// The pending answer to a request.
final class PendingAnswer: Sendable {
  private let result = Mutex<Result<EngineFrame, EngineFault>?>(nil)
  private let isThere = DispatchSemaphore(value: 0)
  private let read = Mutex(false)

  /// Whether the answer was read before.
  var isRead: Bool { read.withLock { $0 } }

  /// Marks the answer as read.
  /// - Returns: whether it was not read before.
  func markRead() -> Bool {
    read.withLock { read in
      defer { read = true }
      return !read
    }
  }

  func settle(_ value: Result<EngineFrame, EngineFault>) {
    let isFirst = result.withLock { result in
      guard result == nil else { return false }
      result = value
      return true
    }
    if isFirst { isThere.signal() }
  }

  /// Waits up to this time; nil if the answer has not arrived.
  func wait(milliseconds: Int) -> Result<EngineFrame, EngineFault>? {
    if let value = result.withLock({ $0 }) { return value }
    guard isThere.wait(timeout: .now() + .milliseconds(milliseconds)) == .success else {
      return nil
    }
    isThere.signal()
    return result.withLock { $0 }
  }
}

/// Converts an answer into its content or its fault.
enum EngineAnswer {
  static func result(_ frame: EngineFrame) -> Result<EngineFrame, EngineFault> {
    guard let isFine = frame["ok"]?.bool else {
      return .failure(EngineFault(.malformed, reason: "an answer without ok"))
    }
    if isFine { return .success(frame) }
    let reason = String((frame["error"]?.string ?? "").prefix(2000))
    let kind: EngineFault.Kind =
      switch frame["kind"]?.string {
      case "refused": .refused
      case "memory": .memory
      case "cancelled": .cancelled
      case "version":
        .version(frame["oldest"]?.integer ?? 0, frame["newest"]?.integer ?? 0)
      default: .failed
      }
    return .failure(EngineFault(kind, reason: reason))
  }
}
