import Basics
import Foundation
import OmniModel
import Runs
import Selection

/// A live run on its own thread: receives commands and reports events.
public final class Session: Sendable {
  private let controls: PlayerControls<Void>
  private let request: RunRequest
  private let onEvent: @Sendable (SessionEvent) -> Void

  /// A session that is not started yet.
  /// - Parameter onEvent: called for each event in order, on the session's threads (another one
  ///   while loading).
  public init(
    _ request: RunRequest, onEvent: @escaping @Sendable (SessionEvent) -> Void
  ) {
    self.request = request
    self.onEvent = onEvent
    controls = PlayerControls { onEvent(.progress($0)) }
  }

  /// Loads model and clip, and pauses before layer 1.
  /// - Parameter prepareThread: called first on the session's thread.
  public func start(prepareThread: @escaping @Sendable () -> Void = {}) {
    // Matrix products block their thread, which is not allowed in Swift's cooperative thread pool.
    let thread = Thread { [self] in
      prepareThread()
      guard let opened = open() else { return }
      let events = EventSink(onEvent)
      var player = Player(LiveRun(ProfiledRun(opened, request), events), controls, events)
      player.serve()
    }
    thread.name = "engine"
    thread.stackSize = 16 << 20
    thread.start()
  }

  /// Queues a command for the engine and returns immediately.
  public func send(_ command: SessionCommand) { controls.send(command) }

  /// Cancels the current work and discards queued work.
  public func cancel() { controls.cancel() }

  /// Cancels the current work and ends the thread.
  public func close() { controls.close() }

  private func open() -> OpenedRun? {
    do {
      return try blocking { [request, onEvent] in
        try await OpenedRun(
          request, onProgress: { onEvent(.loading($0)) },
          onEvent: { Self.report($0, to: onEvent) })
      }
    } catch {
      onEvent(.failed(.error(error)))
      return nil
    }
  }

  /// Reports a notice of loading a model.
  static func report(_ event: LoadingEvent, to onEvent: @Sendable (SessionEvent) -> Void) {
    switch event {
    case .progress(let progress): return onEvent(.progress(progress))
    case .cache(.packing): onEvent(.loading("packing the weights (first run only)"))
    // The estimate stays on the screen while it loads, and is logged.
    case .streamed: return onEvent(.warned(.error(event)))
    case .engineLine(let line): return onEvent(.logged(.text("engine: \(line)")))
    case .cache, .encodings: break
    }
    onEvent(.logged(.error(event)))
  }
}
