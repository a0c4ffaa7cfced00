import Evaluations
import Foundation
import Runs
import Sessions
import Synchronization
import Traces

/// The session of the screen: a live run, or a trace that was opened instead. The model of the live
/// run stays loaded while a trace is shown.
final class ScreenSession: SessionDriver {
  /// What is shown at the start.
  enum Start {
    case live(RunRequest)
    case replay(String, follows: Bool)
  }

  private struct Member {
    let driver: any SessionDriver
    /// Path of the trace; nil for the live run.
    let trace: String?
    /// Whether the session has opened a run, and whether it failed to.
    var isOpen = false
    var hasFailed = false

    /// Whether it is a live run that can open another clip.
    var isLive: Bool { trace == nil && !hasFailed }
  }

  private struct State {
    var members: [Int: Member] = [:]
    var count = 0
    /// Number of the session that is shown, and of one that is being opened.
    var shown = 0
    var opening: Int?
    /// The model of the live run, to be remembered.
    var model: String?
    var isSettleWanted = false
  }

  private let state = Mutex(State())
  private let prepare = Mutex<@Sendable () -> Void>({})
  private let lookup: PathLookup
  /// Gives the request of a live run that is opened from a replay.
  private let request: @Sendable () throws -> RunRequest
  private let onEvent: @Sendable (SessionEvent) -> Void

  init(
    _ start: Start, _ lookup: PathLookup, request: @escaping @Sendable () throws -> RunRequest,
    onEvent: @escaping @Sendable (SessionEvent) -> Void
  ) {
    (self.lookup, self.request, self.onEvent) = (lookup, request, onEvent)
    switch start {
    case .live(let request): add(request)
    case .replay(let path, let follows): add(path, follows: follows)
    }
  }

  // MARK: - Driver

  func start(prepareThread: @escaping @Sendable () -> Void) {
    prepare.withLock { $0 = prepareThread }
    shown?.driver.start(prepareThread: prepareThread)
  }

  func send(_ command: SessionCommand) {
    switch command {
    case .findPaths(let text):
      onEvent(
        .found(text.isEmpty ? PathMatches("", lookup.places()) : lookup.matches(text)))
    case .replay(let path): open(trace: path)
    case .open(let target) where shown?.isLive != true: openLive(target)
    case .open(let target):
      if let model = target.model { state.withLock { $0.model = model } }
      shown?.driver.send(command)
    case .settle:
      let driver = state.withLock { state in
        state.isSettleWanted = true
        return state.members[state.opening ?? state.shown]?.driver
      }
      driver?.send(.settle)
    default: shown?.driver.send(command)
    }
  }

  func cancel() { shown?.driver.cancel() }

  func close() {
    for member in state.withLock({ Array($0.members.values) }) { member.driver.close() }
  }

  private var shown: Member? { state.withLock { $0.members[$0.shown] } }

  // MARK: - Sessions

  @discardableResult
  private func add(_ request: RunRequest) -> Int {
    if case .directory(let path, _) = request.model { state.withLock { $0.model = path } }
    return add(trace: nil) { Session(request, onEvent: $0) }
  }

  @discardableResult
  private func add(_ trace: String, follows: Bool) -> Int {
    add(trace: trace) { ReplaySession(trace, follows: follows, onEvent: $0) }
  }

  private func add(
    trace: String?, _ make: (@escaping @Sendable (SessionEvent) -> Void) -> any SessionDriver
  ) -> Int {
    let number = state.withLock { state in
      state.count += 1
      return state.count
    }
    let driver = make { [weak self] event in self?.receive(event, from: number) }
    state.withLock { state in
      state.members[number] = Member(driver: driver, trace: trace)
      if state.count == 1 { state.shown = number }
    }
    return number
  }

  private func open(trace path: String) {
    begin(add(PathLookup.expanded(path), follows: false))
  }

  /// Opens a clip while a trace is shown: in the live run, or in a new one.
  private func openLive(_ target: RunTarget) {
    let live = state.withLock { state in state.members.first { $0.value.isLive && $0.value.isOpen }
    }
    if let live {
      state.withLock { $0.opening = live.key }
      live.value.driver.send(.open(target))
      return
    }
    do {
      begin(add(target.request(from: try request())))
    } catch {
      onEvent(.failed(.error(error)))
    }
  }

  /// Starts a new session, which is shown once it is open.
  private func begin(_ number: Int) {
    let (driver, former) = state.withLock { state in
      let former = state.opening.flatMap { state.members[$0] }
      if former?.trace != nil { state.members[state.opening ?? 0] = nil }
      state.opening = number
      return (state.members[number]?.driver, former)
    }
    if former?.trace != nil { former?.driver.close() }
    driver?.start(prepareThread: prepare.withLock { $0 })
  }

  // MARK: - Events

  private func receive(_ event: SessionEvent, from number: Int) {
    let (isShown, isOpening) = state.withLock { state in
      switch event {
      case .opened: state.members[number]?.isOpen = true
      case .failed where state.members[number]?.isOpen == false:
        state.members[number]?.hasFailed = true
      default: break
      }
      return (state.shown == number, state.opening == number)
    }
    if isOpening {
      switch event {
      case .opened: show(number)
      case .failed: giveUp(number)
      case .loading, .progress, .warned, .logged: break
      default: return
      }
    } else if !isShown {
      return
    }
    if event == .settled { state.withLock { $0.isSettleWanted = false } }
    remember(event, from: number)
    onEvent(event)
  }

  /// Shows a session that has opened. A live run is paused and kept; a replay ends.
  private func show(_ number: Int) {
    let former = state.withLock { state in
      defer { (state.shown, state.opening) = (number, nil) }
      let former = state.members[state.shown]
      if former?.isLive != true { state.members[state.shown] = nil }
      return former
    }
    if former?.isLive != true { former?.driver.close() } else { former?.driver.cancel() }
    onEvent(.activity(.idle))
  }

  /// Ends a session that could not be opened.
  private func giveUp(_ number: Int) {
    let (member, isSettleWanted, shown) = state.withLock { state in
      state.opening = nil
      let member = state.members[number]
      // A live run that was open before stays loaded.
      if member?.isOpen != true { state.members[number] = nil }
      return (member, state.isSettleWanted, state.members[state.shown]?.driver)
    }
    if member?.isOpen != true { member?.driver.close() }
    if isSettleWanted { shown?.send(.settle) }
  }

  private func remember(_ event: SessionEvent, from number: Int) {
    switch event {
    case .opened(let subject, _, _):
      let (trace, model) = state.withLock { ($0.members[number]?.trace, $0.model) }
      if let trace {
        if trace != "-" { lookup.recent.note(.trace, trace) }
      } else {
        if let model { lookup.recent.note(.model, model) }
        lookup.recent.note(PathLookup.kind(of: subject.clip.source), subject.clip.source)
      }
    case .study(.questions(let file)): lookup.recent.note(.questions, file.file)
    default: break
    }
  }
}
