import Basics
import OmniModel

/// The other end of a player: commands, messages to its source, and how to stop it. Any thread.
struct PlayerControls<SourceMessage: Sendable>: Sendable {
  let inbox = PlayerInbox<SourceMessage>()
  let cancellation = Cancellation()

  func send(_ command: SessionCommand) { inbox.push(.perform(command)) }

  /// Stops whatever runs as soon as the player looks, and forgets work that waits.
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

/// Messages on their way to a player.
struct PlayerInbox<SourceMessage: Sendable>: Sendable {
  enum Message: Sendable {
    case perform(SessionCommand)
    case source(SourceMessage)
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
          .perform(.settle), .source, .close:
          message
        case .perform, .halt: nil
        }
      }
    }
  }

  func next(_ policy: WaitPolicy) -> Message? { mailbox.next(policy) }
}
