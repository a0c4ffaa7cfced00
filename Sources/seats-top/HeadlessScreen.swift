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

  /// Waits until the effects of a key, and the effects of their events, have ended.
  private func settle() throws(HeadlessScreenError) {
    session.send(.settle)
    var isStirred = false
    while true {
      guard let event = events.next(.endless) else { continue }
      if event == .settled {
        guard isStirred else { return }
        isStirred = false
        session.send(.settle)
        continue
      }
      if case .failed(let message) = event, !app.isOpen { throw .failed(message.text) }
      if take(.message(event)) { isStirred = true }
    }
  }

  /// Updates the screen and performs the effects.
  /// - Returns: whether there were effects.
  @discardableResult
  private func take(_ event: AppEvent) -> Bool {
    let effects = app.update(event)
    for effect in effects { ScreenOptions.perform(effect, session) }
    return !effects.isEmpty
  }
}

/// Errors of opening a run without a terminal.
enum HeadlessScreenError: Error {
  /// The session failed with this error message.
  case failed(String)
}
