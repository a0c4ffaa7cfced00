import Basics
import Foundation
import OmniModel
import Selection

/// A live run on its own thread: receives commands, reports events.
public final class Session: Sendable {
  private let controls = PlayerControls<Void>()
  private let request: RunRequest
  private let onEvent: @Sendable (SessionEvent) -> Void

  /// - Parameter onEvent: called in order, on the session's threads (another one while loading).
  public init(
    _ request: RunRequest, onEvent: @escaping @Sendable (SessionEvent) -> Void
  ) {
    self.request = request
    self.onEvent = onEvent
  }

  /// Loads and pauses before layer 1.
  /// - Parameter prepareThread: called first on the session's thread.
  public func start(prepareThread: @escaping @Sendable () -> Void = {}) {
    // Own thread: matrix products block, which the cooperative pool must not.
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

  /// Queues a command for the engine; returns at once.
  public func send(_ command: SessionCommand) { controls.send(command) }

  /// Cancels current work and discards queued work.
  public func cancel() { controls.cancel() }

  /// Cancels, and ends the thread.
  public func close() { controls.close() }

  private func open() -> OpenedRun? {
    do {
      return try blocking { [request, onEvent] in
        try await OpenedRun(
          request, onProgress: { onEvent(.loading($0)) },
          onCache: { event in
            if case .packing = event { onEvent(.loading("packing the weights (first run only)")) }
            onEvent(.logged(.error(event)))
          })
      }
    } catch {
      onEvent(.failed(.error(error)))
      return nil
    }
  }
}
