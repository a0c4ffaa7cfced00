import Basics
import Dashboard
import Foundation
import Sessions
import Terminal
import Traces

/// The screen without a terminal: presses keys one after the other, each after the effects of the
/// previous one have ended.
final class HeadlessScreen {
  private let events: Mailbox<SessionEvent>
  private let session: any SessionDriver
  private var app: App
  private let size: Size
  private let recorder: TraceRecorder?

  /// Opens a run and waits until it is paused before layer 1.
  /// - Throws: `HeadlessScreenError` if the run cannot be opened.
  init(
    _ app: App, size: Size, recorder: TraceRecorder? = nil, _ driver: ScreenOptions.MakeDriver
  ) throws(HeadlessScreenError) {
    let queue = Mailbox<SessionEvent>()
    events = queue
    self.recorder = recorder
    self.app = app
    self.size = size
    session = driver { happened in
      let event = happened.shown
      recorder?.note(event)
      queue.push(event)
    }
    session.start(prepareThread: {})
    take(.resized(size))
    try settle()
  }

  deinit { session.close() }

  /// Ends the recording of a trace.
  func close() { recorder?.close() }

  func press(_ key: Key) throws(HeadlessScreenError) {
    take(.key(key))
    try settle()
  }

  /// The frame that is shown when messages in the status line have expired.
  func frame(_ look: (App) -> Look) -> Frame {
    take(.clock(.seconds(3600)))
    return app.render(size: size, look: look(app))
  }

  private func settle() throws(HeadlessScreenError) {
    session.send(.settle)
    while true {
      guard let event = events.next(.endless) else { continue }
      if event == .settled { return }
      if case .failed(let message) = event, !app.isOpen { throw .failed(message.text) }
      take(.message(event))
    }
  }

  private func take(_ event: AppEvent) {
    for effect in app.update(event) { ScreenOptions.perform(effect, session) }
  }
}

/// Errors of opening a run without a terminal.
enum HeadlessScreenError: Error {
  /// The session failed with this error message.
  case failed(String)
}
