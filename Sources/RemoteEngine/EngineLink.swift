import Basics
import Foundation
import OmniModel
import Synchronization

/// The connection to an engine: starts its process, and starts it again after it was lost.
///
/// Numbers of requests and states are never used again, also not by a later process, so that a state of a lost one
/// is known by its age.
public final class EngineLink: Sendable {
  /// Versions of the protocol that are spoken here.
  static let versions = 1...1

  private struct State {
    var process: EngineProcess?
    var nextID = 1
    /// States that nothing here refers to any more.
    var released: [Int] = []
    /// Bytes sent and received, and requests.
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
  ///   - patience: seconds without a sign of life after which an engine is taken for lost.
  ///   - onLine: receives each line that it writes to standard error, on a thread of its own.
  /// - Throws: `EngineFault` where there is no command in it.
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

  /// What was sent and received so far.
  public var traffic: EngineTraffic { state.withLock { $0.traffic } }

  /// A number for a state that the engine is to keep.
  func stateNumber() -> Int { number() }

  private func number() -> Int {
    state.withLock { state in
      defer { state.nextID += 1 }
      return state.nextID
    }
  }

  /// The state is not needed any more: the next request says so to the engine.
  func release(_ number: Int) { state.withLock { $0.released.append(number) } }

  /// Whether the process that keeps this state still runs.
  func keeps(_ number: Int) -> Bool {
    state.withLock { $0.process?.fault == nil && number >= $0.firstState }
  }

  /// Why the process has ended; nil while it runs, or none was started.
  var fault: EngineFault? { state.withLock { $0.process }?.fault }

  /// Starts the process where none runs.
  /// - Returns: its answer to `hello` where it was started now.
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

  /// A process that is started again has to have the same model.
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

  /// The answer of a request; after a cancellation the request is withdrawn.
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

/// A request that was sent.
struct SentRequest: Sendable {
  let id: Int
  let answer: PendingAnswer
}

/// What went over a connection.
public struct EngineTraffic: Sendable, Equatable {
  /// Bytes of tensors.
  public internal(set) var sent = 0
  public internal(set) var received = 0
  public internal(set) var requests = 0
  /// How often an answer was waited for; fewer than requests where they were sent ahead.
  public internal(set) var waits = 0
}

/// A state that the engine keeps, released with its last copy.
final class RemoteState: Sendable {
  let number: Int
  private let link: EngineLink

  init(_ link: EngineLink) {
    number = link.stateNumber()
    self.link = link
  }

  deinit { link.release(number) }

  /// Whether the process that keeps it still runs.
  var isKept: Bool { link.keeps(number) }
}
