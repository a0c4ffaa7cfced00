import Foundation
import OmniModel
import Selection

/// A live run on a thread of its own: commands in, immutable events out.
public final class Session: Sendable {
  private let controls = EngineControls()
  private let request: RunRequest
  private let describe: @Sendable (any Error) -> String
  private let onEvent: @Sendable (SessionEvent) -> Void

  /// - Parameters:
  ///   - describe: makes one sentence of an error.
  ///   - onEvent: called in order, on the session's threads: while loading another than later.
  public init(
    _ request: RunRequest, describe: @escaping @Sendable (any Error) -> String,
    onEvent: @escaping @Sendable (SessionEvent) -> Void
  ) {
    self.request = request
    self.describe = describe
    self.onEvent = onEvent
  }

  /// Loads, and then stands before layer 1.
  /// - Parameter prepareThread: called first on the session's thread.
  public func start(prepareThread: @escaping @Sendable () -> Void = {}) {
    // A thread of its own: matrix products block, which the cooperative pool must not.
    let thread = Thread { [self] in
      prepareThread()
      guard let opened = open() else { return }
      var engine = SessionEngine(
        ProfiledRun(opened, request), controls, describe: describe, onEvent: onEvent)
      engine.serve()
    }
    thread.name = "engine"
    thread.stackSize = 16 << 20
    thread.start()
  }

  /// Queues a command for the engine; returns at once.
  public func send(_ command: SessionCommand) { controls.send(command) }

  /// Stops whatever runs as soon as the engine looks, and forgets work that waits.
  public func cancel() { controls.cancel() }

  /// Cancels, and ends the thread.
  public func close() { controls.close() }

  private func open() -> OpenedRun? {
    do {
      return try blocking { [request, describe, onEvent] in
        try await OpenedRun(
          request, onProgress: { onEvent(.loading($0)) },
          onCache: { event in
            if case .packing = event { onEvent(.loading("packing the weights, once")) }
            onEvent(.logged(describe(event)))
          })
      }
    } catch {
      onEvent(.failed(describe(error)))
      return nil
    }
  }
}

/// What an engine is told by others: commands, and to stop.
struct EngineControls: Sendable {
  let inbox = CommandInbox()
  let cancellation = Cancellation()

  func send(_ command: SessionCommand) { inbox.push(.perform(command)) }

  func cancel() {
    inbox.clear()
    cancellation.request()
    inbox.push(.halt)
  }

  func close() {
    cancel()
    inbox.push(.close)
  }
}

/// Commands on their way to the engine.
struct CommandInbox: Sendable {
  enum Message: Sendable {
    case perform(SessionCommand)
    case halt
    case close
  }

  private let mailbox = Mailbox<Message>()

  /// Settings that wait give way to newer ones: only the last matters.
  func push(_ message: Message) {
    var message = message
    if case .perform(.configure(let settings, let resumesNow)) = message {
      mailbox.edit { waiting in
        guard case .perform(.configure(_, let resume)) = waiting.last else { return }
        waiting.removeLast()
        message = .perform(.configure(settings, resume: resume || resumesNow))
      }
    }
    mailbox.push(message)
  }

  /// Forgets work that waits. Settings stay: the screen shows them already.
  func clear() {
    mailbox.edit { waiting in
      waiting = waiting.compactMap { message in
        switch message {
        case .perform(.configure(let settings, _)):
          .perform(.configure(settings, resume: false))
        case .perform(.prepare), .perform(.pace), .perform(.setBreakpoints), .perform(.measurePeak),
          .perform(.settle),
          .close:
          message
        case .perform, .halt: nil
        }
      }
    }
  }

  func next(_ patience: Patience) -> Message? { mailbox.next(patience) }
}
