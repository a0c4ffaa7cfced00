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

  /// Whether a word of the command is this computer, with a user before it or not: `gpu`, `me@gpu`.
  func names(_ host: String) -> Bool {
    words.contains { $0 == host || $0.hasSuffix("@" + host) }
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
  /// - Parameter operations: requested together with `hello`.
  /// - Returns: its answer to `hello`, and the requests for `operations`; nil if it was running.
  @discardableResult
  func start(
    with operations: [String] = [], _ cancellation: Cancellation = Cancellation()
  ) throws(EngineFault) -> (hello: EngineFrame, sent: [SentRequest])? {
    let isRunning = state.withLock { $0.process.map { $0.fault == nil } ?? false }
    if isRunning { return nil }
    let process = try EngineProcess(words, patience: patience, onLine: onLine)
    state.withLock { state in
      state.process = process
      state.firstState = state.nextID
      state.released = []
    }
    let request = send(
      "hello",
      ["oldest": .number(Self.versions.lowerBound), "newest": .number(Self.versions.upperBound)])
    let sent = operations.map { send($0) }
    let hello = try answer(request, cancellation)
    guard let version = hello["protocol"]?.integer, Self.versions.contains(version) else {
      throw lost(EngineFault(.malformed, reason: "an answer to hello without a version"))
    }
    try check(hello["fingerprint"]?.string ?? "")
    return (hello, sent)
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
    let (process, released, trip) = state.withLock { state in
      defer { state.released = [] }
      state.traffic.requests += 1
      state.traffic.sent += tensors.reduce(0) { $0 + $1.tensor.bytes.count }
      return (state.process, state.released, state.traffic.roundTrips + 1)
    }
    var header = header
    header["op"] = .text(op)
    header["id"] = .number(id)
    if !released.isEmpty { header["release"] = .list(released.map(RequestValue.number)) }
    guard let process else {
      let pending = PendingAnswer()
      pending.settle(.failure(EngineFault(.ended, reason: "")))
      return SentRequest(id: id, trip: trip, answer: pending)
    }
    return SentRequest(id: id, trip: trip, answer: process.send(id, header, tensors))
  }

  /// Waits for the answer to a request; a cancellation cancels the request.
  func answer(
    _ request: SentRequest, _ cancellation: Cancellation
  ) throws(EngineFault) -> EngineFrame {
    var isWithdrawn = false
    while true {
      if let result = request.answer.wait(milliseconds: cancellation.isRequested ? 200 : 20) {
        let frame = try result.get()
        let isNew = request.answer.markRead()
        state.withLock { state in
          state.traffic.roundTrips = max(state.traffic.roundTrips, request.trip)
          guard isNew else { return }
          state.traffic.received += frame.bytes
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
}

/// A sent request, with its pending answer.
struct SentRequest: Sendable {
  let id: Int
  /// The round trip that it belongs to: one more than the last one whose answer was read before it was sent.
  let trip: Int
  let answer: PendingAnswer
}

/// Traffic of a connection.
public struct EngineTraffic: Sendable, Equatable {
  /// Tensor bytes.
  public internal(set) var sent = 0
  public internal(set) var received = 0
  public internal(set) var requests = 0
  /// Number of serial round trips: the longest chain of requests each of which was sent after the answer to
  /// the one before was read. On a link of long delay, each costs the delay both ways.
  public internal(set) var roundTrips = 0
}

/// A state held by the engine; it is released with the last reference.
final class RemoteState: Sendable {
  /// A value that the engine computes of a hidden state.
  enum Question: Hashable {
    case relevance(queries: [Int])
    case logits(row: Int)
    case rows
  }

  let number: Int
  private let link: EngineLink
  /// Requests for values of this state: it never changes, so each is made once.
  private let asked = Mutex<[Question: SentRequest]>([:])

  init(_ link: EngineLink) {
    number = link.stateNumber()
    self.link = link
  }

  deinit { link.release(number) }

  /// Whether the process that holds the state still runs.
  var isKept: Bool { link.keeps(number) }

  /// Stores a request that was sent ahead.
  func expect(_ question: Question, _ request: SentRequest) {
    asked.withLock { $0[question] = request }
  }

  /// The answer to a question, which is sent unless it was before.
  func answer(_ question: Question, _ send: () -> SentRequest) throws(EngineFault) -> EngineFrame {
    let request = asked.withLock { $0[question] } ?? send()
    // Hidden states are too large to be kept here too.
    asked.withLock { $0[question] = question == .rows ? nil : request }
    do throws(EngineFault) {
      return try link.answer(request, Cancellation())
    } catch {
      asked.withLock { $0[question] = nil }
      throw error
    }
  }
}
