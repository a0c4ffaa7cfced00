import Basics
import Foundation
import OmniModel
import Synchronization

/// The connection to an engine: starts its process, and restarts it after a loss.
///
/// Numbers of requests and states are never reused, not even by a later process, so that a state of a
/// lost process is recognised by its number.
public final class EngineLink: Sendable {
  /// Supported versions of the protocol.
  static let versions = 1...1

  private struct State {
    var process: EngineProcess?
    var nextID = 1
    /// Numbers of states that are no longer used here.
    var released: [Int] = []
    /// Bytes sent and received, and the number of requests.
    var traffic = EngineTraffic()
    var fingerprint: String?
    /// The first state number of the running process.
    var firstState = 1
    var startSeconds = 0.0
  }

  public let command: String
  private let words: [String]
  private let state = Mutex(State())
  private let patience: Int
  private let onLine: @Sendable (String) -> Void

  /// - Parameters:
  ///   - command: a program with its arguments, quoted as in a shell.
  ///   - patience: seconds without a message, after which an engine counts as lost.
  ///   - onLine: receives each line of its standard error, on a separate thread.
  /// - Throws: `EngineFault` if the text contains no command.
  public init(
    command: String, patience: Int = 60, onLine: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(EngineFault) {
    guard let words = CommandWords.split(command) else {
      throw EngineFault(.notStarted, reason: command)
    }
    self.command = command
    self.words = words
    self.patience = patience
    self.onLine = onLine
  }

  /// Bytes and requests sent and received so far.
  public var traffic: EngineTraffic { state.withLock { $0.traffic } }

  /// A new number for a state that the engine will keep.
  func stateNumber() -> Int { number() }

  private func number() -> Int {
    state.withLock { state in
      defer { state.nextID += 1 }
      return state.nextID
    }
  }

  /// Releases a state; the next request carries its number.
  func release(_ number: Int) { state.withLock { $0.released.append(number) } }

  /// Whether the process that holds this state still runs.
  func keeps(_ number: Int) -> Bool {
    state.withLock { $0.process?.fault == nil && number >= $0.firstState }
  }

  /// The error that ended the process; nil while it runs, or if none was started.
  var fault: EngineFault? { state.withLock { $0.process }?.fault }

  /// Starts the process if none runs.
  /// - Returns: its answer to `hello` if it was started by this call.
  @discardableResult
  func start(_ cancellation: Cancellation = Cancellation()) throws(EngineFault) -> EngineFrame? {
    let isRunning = state.withLock { $0.process.map { $0.fault == nil } ?? false }
    if isRunning { return nil }
    let process = try EngineProcess(words, patience: patience, onLine: onLine)
    state.withLock { state in
      state.process = process
      state.firstState = state.nextID
      state.released = []
    }
    let hello = try ask(
      "hello",
      ["oldest": .number(Self.versions.lowerBound), "newest": .number(Self.versions.upperBound)],
      cancellation)
    guard let version = hello["protocol"]?.integer, Self.versions.contains(version) else {
      throw lost(EngineFault(.malformed, reason: "an answer to hello without a version"))
    }
    try check(hello["fingerprint"]?.string ?? "")
    return hello
  }

  /// Checks that a restarted process has the same model as before.
  private func check(_ fingerprint: String) throws(EngineFault) {
    let isSame = state.withLock { state in
      defer { state.fingerprint = state.fingerprint ?? fingerprint }
      return state.fingerprint == nil || state.fingerprint == fingerprint
    }
    if !isSame { throw lost(EngineFault(.failed, reason: "it has another model than before")) }
  }

  private func lost(_ fault: EngineFault) -> EngineFault {
    state.withLock { $0.process }?.end(fault)
    return fault
  }

  /// Sends a request without waiting for its answer.
  func send(
    _ op: String, _ header: [String: RequestValue] = [:],
    _ tensors: [(name: String, tensor: EngineTensor)] = []
  ) -> SentRequest {
    let id = number()
    let (process, released) = state.withLock { state in
      defer { state.released = [] }
      state.traffic.requests += 1
      state.traffic.sent += tensors.reduce(0) { $0 + $1.tensor.bytes.count }
      return (state.process, state.released)
    }
    var header = header
    header["op"] = .text(op)
    header["id"] = .number(id)
    if !released.isEmpty { header["release"] = .list(released.map(RequestValue.number)) }
    guard let process else {
      let pending = PendingAnswer()
      pending.settle(.failure(EngineFault(.ended, reason: "")))
      return SentRequest(id: id, answer: pending)
    }
    return SentRequest(id: id, answer: process.send(id, header, tensors))
  }

  /// Waits for the answer to a request; a cancellation cancels the request.
  func answer(
    _ request: SentRequest, _ cancellation: Cancellation
  ) throws(EngineFault) -> EngineFrame {
    var isWithdrawn = false
    state.withLock { $0.traffic.waits += 1 }
    while true {
      if let result = request.answer.wait(milliseconds: cancellation.isRequested ? 200 : 20) {
        let frame = try result.get()
        state.withLock {
          $0.traffic.received += frame.tensors.values.reduce(0) { $0 + $1.bytes.count }
        }
        return frame
      }
      if cancellation.isRequested, !isWithdrawn {
        withdraw([request])
        isWithdrawn = true
      }
    }
  }

  /// Cancels requests whose answers are not needed.
  func withdraw(_ requests: [SentRequest]) {
    guard let process = state.withLock({ $0.process }), process.fault == nil else { return }
    for request in requests {
      process.post(["op": .text("cancel"), "of": .number(request.id)])
    }
  }

  func ask(
    _ op: String, _ header: [String: RequestValue] = [:],
    _ tensors: [(name: String, tensor: EngineTensor)] = [],
    _ cancellation: Cancellation = Cancellation()
  ) throws(EngineFault) -> EngineFrame {
    try answer(send(op, header, tensors), cancellation)
  }

  func ask(
    _ op: String, _ header: [String: RequestValue], _ cancellation: Cancellation
  ) throws(EngineFault) -> EngineFrame {
    try ask(op, header, [], cancellation)
  }
}

/// A sent request, with its pending answer.
struct SentRequest: Sendable {
  let id: Int
  let answer: PendingAnswer
}

/// Traffic of a connection.
public struct EngineTraffic: Sendable, Equatable {
  /// Tensor bytes.
  public internal(set) var sent = 0
  public internal(set) var received = 0
  public internal(set) var requests = 0
  /// Number of waits for an answer; less than the requests if some were sent ahead.
  public internal(set) var waits = 0
}

/// A state held by the engine; it is released with the last reference.
final class RemoteState: Sendable {
  let number: Int
  private let link: EngineLink

  init(_ link: EngineLink) {
    number = link.stateNumber()
    self.link = link
  }

  deinit { link.release(number) }

  /// Whether the process that holds the state still runs.
  var isKept: Bool { link.keeps(number) }
}
