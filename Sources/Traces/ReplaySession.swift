import Foundation
import Sessions
import Synchronization

/// Replays a trace: receives commands and reports the events of the trace. Needs no model.
public final class ReplaySession: SessionDriver {
  private let controls = PlayerControls<TracePlayback.Message>()
  private let room = ReadAhead()
  private let isClosed = Atomic(false)
  private let path: String
  private let follows: Bool
  private let onEvent: @Sendable (SessionEvent) -> Void

  /// A replay that is not started yet.
  /// - Parameters:
  ///   - path: path of a trace; `-` for standard input.
  ///   - follows: whether a growing trace is shown while it is written, instead of being loaded
  ///     first.
  ///   - onEvent: called for each event in order, on the session's threads.
  public init(
    _ path: String, follows: Bool, onEvent: @escaping @Sendable (SessionEvent) -> Void
  ) {
    self.path = path
    self.follows = follows
    self.onEvent = onEvent
  }

  /// Starts one thread that reads the trace and one that plays it.
  public func start(prepareThread: @escaping @Sendable () -> Void = {}) {
    onEvent(.loading("reading the trace"))
    Thread.detachNewThread { [self] in
      prepareThread()
      let events = EventSink(onEvent)
      var player = Player(
        TracePlayback(path, follows: follows, room, events), controls, events)
      player.serve()
    }
    Thread.detachNewThread { [self] in
      prepareThread()
      read()
    }
  }

  /// Queues a command and returns immediately.
  public func send(_ command: SessionCommand) { controls.send(command) }

  /// Pauses a running replay.
  public func cancel() { controls.cancel() }

  /// Ends both threads.
  public func close() {
    isClosed.store(true, ordering: .relaxed)
    controls.close()
    room.release()
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
          room.acquire()
          send(.lines(lines.take(bytes)))
        case .ended: return send(.end(.writerGone))
        case .nothing where !follows: return send(.end(.endOfFile))
        case .nothing: usleep(Self.patience)
        case .restarted:
          lines = TraceLines()
          send(.replaced)
        }
      }
    } catch {
      onEvent(.failed(.error(error)))
    }
  }

  private func send(_ message: TracePlayback.Message) { controls.inbox.push(.source(message)) }

  /// Interval at which a growing file is checked, in microseconds.
  private static let patience: useconds_t = 100_000

  private func waitForFile() {
    guard TraceSource.isMissing(path) else { return }
    onEvent(.loading("waiting for \(path) (no such file yet)"))
    while !isClosed.load(ordering: .relaxed), TraceSource.isMissing(path) { usleep(Self.patience) }
  }
}

/// A semaphore that limits how many chunks of a trace are read before they are played.
final class ReadAhead: Sendable {
  private let pieces = DispatchSemaphore(value: 0)

  /// A semaphore for four chunks.
  init() {
    // A semaphore must not be destroyed while its value is below the initial one, so the initial
    // value is 0.
    for _ in 0..<4 { release() }
  }

  /// Waits until another chunk may be read.
  func acquire() { pieces.wait() }

  /// Permits another chunk, after one was played.
  func release() { pieces.signal() }
}
