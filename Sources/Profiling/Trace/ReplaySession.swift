import Foundation
import Synchronization

/// A recorded run in place of a live one: commands in, the events of the trace out. No weights.
public final class ReplaySession: SessionDriver {
  private let controls = PlayerControls<TracePlayback.Message>()
  private let room = ReadAhead()
  private let isClosed = Atomic(false)
  private let path: String
  private let follows: Bool
  private let describe: @Sendable (any Error) -> String
  private let onEvent: @Sendable (SessionEvent) -> Void

  /// - Parameters:
  ///   - path: a trace; `-` is standard input.
  ///   - follows: shows the trace as it is written, instead of reading it whole first.
  ///   - describe: makes one sentence of an error.
  ///   - onEvent: called in order, on the session's threads.
  public init(
    _ path: String, follows: Bool, describe: @escaping @Sendable (any Error) -> String,
    onEvent: @escaping @Sendable (SessionEvent) -> Void
  ) {
    self.path = path
    self.follows = follows
    self.describe = describe
    self.onEvent = onEvent
  }

  /// Starts a thread that reads the trace and one that shows it.
  public func start(prepareThread: @escaping @Sendable () -> Void = {}) {
    onEvent(.loading("reading the trace"))
    Thread.detachNewThread { [self] in
      prepareThread()
      let events = EventSink(describe: describe, onEvent: onEvent)
      var player = Player(
        TracePlayback(path, follows: follows, room, events), controls, events)
      player.serve()
    }
    Thread.detachNewThread { [self] in
      prepareThread()
      read()
    }
  }

  /// Queues a command, as for an engine; returns at once.
  public func send(_ command: SessionCommand) { controls.send(command) }

  /// Stops a replay that runs, where it is.
  public func cancel() { controls.cancel() }

  /// Ends both threads.
  public func close() {
    isClosed.store(true, ordering: .relaxed)
    controls.close()
    room.give()
  }

  private func read() {
    do throws(ReplayError) {
      if follows { waitForFile() }
      guard !isClosed.load(ordering: .relaxed) else { return }
      var source = try TraceSource(path)
      defer { source.close() }
      if follows { onEvent(.loading("waiting for the trace")) }
      var lines = TraceLines()
      while !isClosed.load(ordering: .relaxed) {
        switch source.next() {
        case .bytes(let bytes):
          room.take()
          send(.lines(lines.take(bytes)))
        case .ended: return send(.end(.writerGone))
        case .nothing where !follows: return send(.end(.endOfFile))
        case .nothing: usleep(Self.patience)
        case .startedAnew:
          lines = TraceLines()
          send(.replaced)
        }
      }
    } catch {
      onEvent(.failed(describe(error)))
    }
  }

  private func send(_ message: TracePlayback.Message) { controls.inbox.push(.source(message)) }

  /// The pace at which somebody else writes is not known: look ten times a second.
  private static let patience: useconds_t = 100_000

  private func waitForFile() {
    guard TraceSource.isMissing(path) else { return }
    onEvent(.loading("waiting for \(path), which is not there yet"))
    while !isClosed.load(ordering: .relaxed), TraceSource.isMissing(path) { usleep(Self.patience) }
  }
}

/// How far reading may be ahead of showing. A pipe may bring more than there is memory for.
final class ReadAhead: Sendable {
  private let pieces = DispatchSemaphore(value: 0)

  /// Room for four pieces.
  init() {
    // Given one by one: a semaphore must not end below the value that it began with.
    for _ in 0..<4 { give() }
  }

  /// Waits until there is room for a piece.
  func take() { pieces.wait() }

  /// A piece has been shown.
  func give() { pieces.signal() }
}
