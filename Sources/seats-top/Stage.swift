import Basics
import Dashboard
import Foundation
import Profiling
import Terminal

/// The screen's program without a terminal: keys are pressed one after the other, each once all that
/// the one before asked for is done.
final class Stage {
  private let events: Mailbox<SessionEvent>
  private let session: any SessionDriver
  private var app: App
  private let size: Size
  private let recorder: TraceRecorder?

  /// Opens the run and waits until it stands before layer 1.
  /// - Throws: `StageError` where nothing can be opened.
  init(
    _ app: App, size: Size, recorder: TraceRecorder? = nil, _ driver: ScreenOptions.MakeDriver
  ) throws(StageError) {
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

  /// Ends what is recorded.
  func close() { recorder?.close() }

  func press(_ key: Key) throws(StageError) {
    take(.key(key))
    try settle()
  }

  /// What is seen once messages have faded.
  func frame(_ look: (App) -> Look) -> Frame {
    take(.clock(.seconds(3600)))
    return app.render(size: size, look: look(app))
  }

  private func settle() throws(StageError) {
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

/// Why there is nothing to draw.
enum StageError: Error {
  /// The driver's own sentence.
  case failed(String)
}
