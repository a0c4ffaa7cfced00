import Foundation
import Synchronization

/// Replays a trace: receives commands, reports the events of the trace. Needs no model.
public final class ReplaySession: SessionDriver {
  private let controls = PlayerControls<TracePlayback.Message>()
  private let room = ReadAhead()
  private let isClosed = Atomic(false)
  private let path: String
  private let follows: Bool
  private let onEvent: @Sendable (SessionEvent) -> Void

  /// - Parameters:
  ///   - path: a trace; `-` is standard input.
  ///   - follows: shows a growing trace while it is written, instead of loading it first.
  ///   - onEvent: called in order, on the session's threads.
  public init(
    _ path: String, follows: Bool, onEvent: @escaping @Sendable (SessionEvent) -> Void
  ) {
    self.path = path
    self.follows = follows
    self.onEvent = onEvent
  }

  /// Starts a reading and a playing thread.
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

  /// Queues a command, as for an engine; returns at once.
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

  /// Polling interval of a growing file, in microseconds.
  private static let patience: useconds_t = 100_000

  private func waitForFile() {
    guard TraceSource.isMissing(path) else { return }
    onEvent(.loading("waiting for \(path) (no such file yet)"))
    while !isClosed.load(ordering: .relaxed), TraceSource.isMissing(path) { usleep(Self.patience) }
  }
}

/// A semaphore that limits how many chunks are read ahead of playback.
final class ReadAhead: Sendable {
  private let pieces = DispatchSemaphore(value: 0)

  /// Limit of four chunks.
  init() {
    // Signalled one by one: a semaphore must not be destroyed below its initial value.
    for _ in 0..<4 { release() }
  }

  /// Waits for a free slot.
  func acquire() { pieces.wait() }

  /// Frees a slot after a chunk was played.
  func release() { pieces.signal() }
}
