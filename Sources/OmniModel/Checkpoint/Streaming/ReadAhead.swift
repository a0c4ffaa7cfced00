import Dispatch
import Synchronization

/// Reads weights into memory in the background, in the order of the requests.
///
/// Reading stops where more than a bound is in memory and not used yet: pages that are read too early
/// are reclaimed before their use, and are read twice.
final class ReadAhead: Sendable {
  /// Weights that are read together.
  struct Request: Sendable {
    let unit: Int
    let files: [FileRange]

    var bytes: Int { files.reduce(0) { $0 + $1.range.count } }

    fileprivate func populate() {
      for part in files { part.file.populate(part.range) }
    }
  }

  fileprivate struct State {
    var waiting: [Request] = []
    /// Bytes of units that are read, or being read, and not used yet.
    var ahead: [Int: Int] = [:]
    var isReading = false

    var aheadBytes: Int { ahead.values.reduce(0, +) }
  }

  private let queue = DispatchQueue(label: "read ahead", qos: .utility)
  private let state = Mutex(State())
  private let most: Int

  /// - Parameter most: bytes that may be in memory before their use.
  init(most: Int) { self.most = most }

  /// Requests units that are not requested yet.
  func read(_ requests: [Request]) {
    let starts = state.withLock { state in
      for request in requests where !request.files.isEmpty && state.ahead[request.unit] == nil {
        if !state.waiting.contains(where: { $0.unit == request.unit }) {
          state.waiting.append(request)
        }
      }
      return state.start()
    }
    if starts { drain() }
  }

  /// A unit is loaded now: makes room for others, and withdraws a request that was not served.
  func used(_ unit: Int) {
    let starts = state.withLock { state in
      state.ahead[unit] = nil
      state.waiting.removeAll { $0.unit == unit }
      return state.start()
    }
    if starts { drain() }
  }

  /// Withdraws all requests, after a change of what is used next.
  func reset() {
    state.withLock { state in
      state.waiting = []
      state.ahead = [:]
    }
  }

  /// Waits for the requests that can be served now.
  func finish() { queue.sync {} }

  /// Units that are in memory and not used yet, ascending.
  var aheadUnits: [Int] { state.withLock { $0.ahead.keys.sorted() } }

  private func drain() {
    queue.async { [self] in
      // The disk reads one request while the pages of the one before are mapped.
      var started: Request?
      while let request = state.withLock({ $0.next(most: most) }) {
        for part in request.files { part.file.willRead(part.range) }
        started?.populate()
        started = request
      }
      started?.populate()
    }
  }
}

extension ReadAhead.State {
  /// Whether the caller has to start reading.
  fileprivate mutating func start() -> Bool {
    guard !isReading, !waiting.isEmpty else { return false }
    isReading = true
    return true
  }

  /// The next request that fits; nil ends reading.
  fileprivate mutating func next(most: Int) -> ReadAhead.Request? {
    guard let request = waiting.first, ahead.isEmpty || aheadBytes + request.bytes <= most else {
      isReading = false
      return nil
    }
    ahead[request.unit] = request.bytes
    return waiting.removeFirst()
  }
}
