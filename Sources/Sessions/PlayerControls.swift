import Basics
import OmniModel

/// Sends commands and source messages to a player, and cancels its work. Thread-safe.
public struct PlayerControls<SourceMessage: Sendable>: Sendable {
  public let inbox = PlayerInbox<SourceMessage>()
  public let cancellation: Cancellation

  /// - Parameter onProgress: receives the progress of the encoders, on the player's thread.
  public init(onProgress: (@Sendable (WorkProgress) -> Void)? = nil) {
    cancellation = Cancellation(onProgress: onProgress)
  }

  public func send(_ command: SessionCommand) { inbox.push(.perform(command)) }

  /// Cancels the current work and discards queued work.
  public func cancel() {
    inbox.clear()
    cancellation.request()
    inbox.push(.halt)
  }

  public func close() {
    cancel()
    inbox.push(.close)
  }
}

/// Queue of messages to a player.
public struct PlayerInbox<SourceMessage: Sendable>: Sendable {
  public enum Message: Sendable {
    case perform(SessionCommand)
    case source(SourceMessage)
    case halt
    case close
  }

  private let mailbox = Mailbox<Message>()

  /// Appends a message. New settings replace settings that are still queued.
  public func push(_ message: Message) {
    var message = message
    if case .perform(.configure(let planned, let resumesNow)) = message {
      mailbox.edit { waiting in
        guard case .perform(.configure(_, let resume)) = waiting.last else { return }
        waiting.removeLast()
        message = .perform(.configure(planned, resume: resume || resumesNow))
      }
    }
    mailbox.push(message)
  }

  /// Discards queued work, but not settings, because the screen already shows them.
  func clear() {
    mailbox.edit { waiting in
      waiting = waiting.compactMap { message in
        switch message {
        case .perform(.configure(let planned, _)):
          .perform(.configure(planned, resume: false))
        case .perform(.prepare), .perform(.ask), .perform(.open), .perform(.pace),
          .perform(.setBreakpoints), .perform(.measurePeak),
          .perform(.settle), .source, .close:
          message
        case .perform, .halt: nil
        }
      }
    }
  }

  public func next(_ policy: WaitPolicy) -> Message? { mailbox.next(policy) }
}
