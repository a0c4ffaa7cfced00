import Basics
import Foundation
import OmniModel
import Runs
import Selection
import Sessions
import Tensors

/// Measures the overhead of a session: a prefill alone, and the same prefill stepped through a
/// session with records and snapshots. Then measures a change of the late layer.
struct StepBenchmark {
  private static let layers = 8
  private static let rounds = 5

  static func measure(_ table: Table) async throws {
    let clip = try SilentClip()
    defer { clip.remove() }
    var request = RunRequest(
      model: .dummy(.qwen25Omni3B, layers: layers), clip: clip.path, compute: .bf16)
    // The byte tokenizer gives one token per byte.
    request.question = String((0..<1900).map { Array("etaoinshrdlu")[$0 * $0 % 12] })
    request.options.method = .full
    try await compare(request, table)
    request.options.method = .seats
    request.options.lateLayer = layers - 1
    // The schedule keeps the retention ratio when the late layer changes, so that all inner drops
    // change. Without inner drops, nothing before the late layer changes.
    edit(request, "with inner drops")
    request.options.dropLayers = []
    edit(request, "without inner drops")
  }

  private static func compare(_ request: RunRequest, _ table: Table) async throws {
    let opened = try await OpenedRun(request)
    let session = WatchedSession(request)
    var prefill = Prefill(
      opened.prompt, thinker: opened.thinker, plan: .full, snapshotBytes: 0)
    try prefill.advance(Cancellation())
    var (straight, watched) = (Laps(), Laps())
    for round in 0...rounds {
      prefill.rewind(toSteps: 1)
      try prefill.advance(Cancellation())
      session.perform([.restart])
      let begun = Laps.Instant()
      while try prefill.advance(Cancellation()) != nil {}
      let between = Laps.Instant()
      for _ in 0...layers { session.perform([.advance]) }
      guard round > 0 else { continue }
      straight.add(from: begun, to: between)
      watched.add(from: between, to: Laps.Instant())
    }
    let flops = prefill.outcomes.dropFirst(2).reduce(0) { $0 + $1.executedFlops }
    table.title("\(layers) layers, \(opened.prompt.ids.count) tokens")
    table.row("prefill alone", straight, flops: flops)
    table.row("stepped through a session", watched, flops: flops)
    let cost = median(watched.cpu) / median(straight.cpu) - 1
    say(String(format: "overhead of the session: %+.2f %% CPU time", 100 * cost))
    session.close()
  }

  private static func edit(_ request: RunRequest, _ name: String) {
    let session = WatchedSession(request)
    var settings = session.settings
    for _ in 0...layers { session.perform([.advance]) }
    let whole = session.steps.suffix(layers + 2).reduce(0) { $0 + $1.totalMilliseconds }
    let before = session.steps.count
    settings?.lateLayer = layers - 2
    guard let settings, let shape = session.shape else { return }
    session.perform([.configure(PlannedSettings(settings, for: shape), resume: true)])
    let again = session.steps.dropFirst(before)
    let part = again.reduce(0) { $0 + $1.totalMilliseconds }
    guard case .layer(let first)? = again.first?.step else { return }
    say(
      "\(name), late layer changed from \(layers - 1) to \(layers - 2): "
        + "repeated the selection after layer \(first) and \(again.count - 1) of \(layers + 2) steps, "
        + String(format: "%.0f of %.0f ms", part - (again.first?.totalMilliseconds ?? 0), whole))
    session.close()
  }
}

/// A session whose commands wait for their result.
private final class WatchedSession: Sendable {
  private let session: Session
  private let events = Events()

  init(_ request: RunRequest) {
    session = Session(request, onEvent: { [events] in events.receive($0) })
    session.start()
    perform([])
  }

  /// Settings of the run after the model was loaded; nil before.
  var settings: SelectionSettings? { events.opened?.settings }
  var shape: PromptShape? { events.opened?.shape }
  /// All step records so far, in the order of the steps.
  var steps: [StepRecord] { events.steps }

  func perform(_ commands: [SessionCommand]) {
    for command in commands + [.settle] { session.send(command) }
    events.waitUntilSettled()
  }

  func close() { session.close() }
}

/// Collects the events of a session.
///
/// Unchecked Sendable: `condition` protects mutable state.
private final class Events: @unchecked Sendable {
  private let condition = NSCondition()
  private var received: [SessionEvent] = []
  private var settled = 0
  private var awaited = 0

  func receive(_ event: SessionEvent) {
    condition.withLock {
      received.append(event)
      if event == .settled { settled += 1 }
      condition.signal()
    }
  }

  func waitUntilSettled() {
    condition.withLock {
      awaited += 1
      while settled < awaited { condition.wait() }
    }
  }

  var opened: (settings: SelectionSettings, shape: PromptShape)? {
    condition.withLock {
      received.lazy.compactMap { event in
        if case .opened(let subject, let settings, _) = event {
          (settings, subject.promptShape)
        } else {
          nil
        }
      }.first
    }
  }

  var steps: [StepRecord] {
    condition.withLock {
      received.compactMap { if case .advanced(let record) = $0 { record } else { nil } }
    }
  }
}

/// A temporary clip directory with one second of silence and a question.
private struct SilentClip {
  private let directory: URL

  var path: String { directory.path }

  init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "engine-bench-\(getpid())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try Data("question = \"\"\n".utf8).write(to: directory.appending(path: "clip.toml"))
    try Self.wave(samples: 16_000).write(to: directory.appending(path: "audio.wav"))
  }

  func remove() { try? FileManager.default.removeItem(at: directory) }

  /// A WAV file of 16-bit mono audio at 16 kHz.
  private static func wave(samples: Int) -> Data {
    var data = Data()
    func number(_ value: Int, bytes: Int) {
      for byte in 0..<bytes { data.append(UInt8(value >> (8 * byte) & 255)) }
    }
    data += Data("RIFF".utf8)
    number(36 + 2 * samples, bytes: 4)
    data += Data("WAVEfmt ".utf8)
    for (value, bytes) in [(16, 4), (1, 2), (1, 2), (16_000, 4), (32_000, 4), (2, 2), (16, 2)] {
      number(value, bytes: bytes)
    }
    data += Data("data".utf8)
    number(2 * samples, bytes: 4)
    return data + Data(count: 2 * samples)
  }
}
