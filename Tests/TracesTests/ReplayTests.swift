import Foundation
import Selection
import SessionSupport
import Testing

@testable import Basics
@testable import Sessions
@testable import Traces

/// A recorded run driven like a live one.
@Suite struct `A replay` {
  fileprivate let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "trace-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  fileprivate func write(_ lines: [String], to name: String = "run.jsonl") throws -> String {
    let file = folder.appending(path: name)
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
    return file.path
  }

  fileprivate func open(_ path: String, follows: Bool = false) -> (ReplaySession, SessionListener) {
    let listener = SessionListener()
    let session = ReplaySession(
      path, follows: follows, onEvent: { listener.append($0) })
    session.start()
    return (session, listener)
  }

  private let idle: (SessionEvent) -> Bool = { $0 == .activity(.idle) }
  private let isAnswered: (SessionEvent) -> Bool = {
    if case .answered(let answer) = $0 { answer.isComplete } else { false }
  }

  @Test func `a replay ends in the state of the recorded session`() async throws {
    let live = try await `A trace`.events()
    let file = folder.appending(path: "live.jsonl")
    try `A trace`.lines(live).reduce(Data(), +).write(to: file)
    let (session, listener) = open(file.path)
    let opened = try await listener.next(idle)
    #expect(listener.steps == [.encoders, .stage1])
    session.send(.run)
    _ = try await listener.next(after: opened + 1, idle)
    var recording = RunHistory()
    for event in live { recording.apply(event) }
    let shown = listener.all.compactMap { if case .advanced(let step) = $0 { step } else { nil } }
    #expect(shown == recording.records)
    session.send(.runFull)
    let full = try await listener.next { if case .fullRun = $0 { true } else { false } }
    #expect(live.contains(listener.all[full]))
    #expect(listener.all.contains(.warned(.error(ReplayError.earlierPlans(1)))))
    session.close()
    try FileManager.default.removeItem(at: folder)
  }

  @Test func `a replay steps, steps back and runs to drops and to the answer`() async throws {
    let (session, listener) = open(try write(`The trace format`.foreign))
    var seen = try await listener.next(idle)
    session.send(.runToNextDrop)
    seen = try await listener.next(after: seen + 1, idle)
    #expect(listener.steps.last == .layer(1))
    session.send(.back)
    seen = try await listener.next(after: seen + 1) { $0 == .rewound(steps: 2) }
    session.send(.setBreakpoints([.before(.layer(2))]))
    session.send(.run)
    seen = try await listener.next(after: seen + 1) { $0 == .paused(at: .before(.layer(2))) }
    session.send(.run)
    seen = try await listener.next(after: seen + 1, isAnswered)
    #expect(listener.steps.last == .head)
    session.send(try listener.configuring { $0.dropLayers = [] })
    session.send(.runFull)
    for refusal in [ReplayError.notInReplay, .noFullRun] {
      seen = try await listener.next(after: seen + 1) { $0 == .failed(.error(refusal)) }
    }
    session.send(.restart)
    seen = try await listener.next(after: seen + 1) { $0 == .rewound(steps: 1) }
    session.send(.advance)
    _ = try await listener.next(after: seen + 1, idle)
    session.close()
    try FileManager.default.removeItem(at: folder)
  }

  @Test func `a truncated trace opens up to its end, with a note`() async throws {
    let path = try write(Array(`The trace format`.foreign.prefix(3)))
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(#"{"event":"step","la"#.utf8))
    let (session, listener) = open(path)
    let seen = try await listener.next(idle)
    #expect(listener.all.contains(.warned(.error(ReplayError.truncated(file: path, lines: 3)))))
    session.send(.run)
    let done = try await listener.next(after: seen + 1, idle)
    #expect(listener.steps == [.encoders, .stage1, .layer(1)])
    session.send(.run)
    _ = try await listener.next(after: done + 1) { $0 == .failed(.error(ReplayError.noMoreSteps)) }
    session.close()
    try FileManager.default.removeItem(at: folder)
  }

  @Test(arguments: [[], ["no trace"], [`The trace format`.foreign[0]]])
  func `replaying a file without a run fails with one message`(_ lines: [String]) async throws {
    let (session, listener) = open(try write(lines))
    _ = try await listener.next { if case .failed = $0 { true } else { false } }
    session.close()
    try FileManager.default.removeItem(at: folder)
  }

  @Test func `a growing trace is followed, also after stepping back`() async throws {
    let foreign = `The trace format`.foreign
    let path = try write(Array(foreign.prefix(2)))
    let (session, listener) = open(path, follows: true)
    var seen = try await listener.next { if case .opened = $0 { true } else { false } }
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    let half = foreign[2].index(foreign[2].startIndex, offsetBy: 20)
    try handle.write(contentsOf: Data(foreign[2][..<half].utf8))
    try handle.write(contentsOf: Data("\(foreign[2][half...])\nbroken\n".utf8))
    seen = try await listener.next(after: seen + 1) {
      if case .warned(let message) = $0 { message.text.contains("line: 4") } else { false }
    }
    #expect(listener.steps == [.encoders, .stage1, .layer(1)])
    session.send(.back)
    seen = try await listener.next(after: seen + 1) { $0 == .rewound(steps: 2) }
    try handle.write(contentsOf: Data((foreign[3] + "\n").utf8))
    session.send(.run)
    seen = try await listener.next(after: seen + 1) {
      if case .advanced(let record) = $0 { record.step == .layer(2) } else { false }
    }
    try handle.write(contentsOf: Data((foreign[6] + "\n").utf8))
    seen = try await listener.next(after: seen + 1, isAnswered)
    #expect(
      listener.steps.suffix(3) == [.layer(1), .layer(2), .head], "\(listener.steps)")
    session.close()
    try FileManager.default.removeItem(at: folder)
  }
}

extension `A replay` {
  @Test func `a replay waits for a missing trace and follows its replacement`() async throws {
    let lines = `The trace format`.foreign
    let path = folder.appending(path: "run.jsonl").path
    let (session, listener) = open(path, follows: true)
    var seen = try await listener.next {
      $0 == .loading("waiting for \(path) (no such file yet)")
    }
    let opened: (SessionEvent) -> Bool = { if case .opened = $0 { true } else { false } }
    _ = try write(Array(lines.prefix(3)))
    seen = try await listener.next(after: seen + 1, opened)
    let next = try write(Array(lines.prefix(2)), to: "next.jsonl")
    try #require(rename(next, path) == 0)
    seen = try await listener.next(after: seen + 1) {
      $0 == .warned(.error(ReplayError.restarted(file: path)))
    }
    _ = try await listener.next(after: seen + 1, opened)
    session.close()
    try FileManager.default.removeItem(at: folder)
  }
}

extension `A replay` {
  @Test func `a replay reads a pipe no faster than it shows steps`() async throws {
    let path = folder.appending(path: "pipe").path
    try #require(mkfifo(path, 0o600) == 0)
    let gate = Gate()
    let session = ReplaySession(
      path, follows: true,
      onEvent: { if case .logged = $0 { gate.pass() } })
    session.start()
    let descriptor = Glibc.open(path, O_WRONLY)
    defer { close(descriptor) }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    let lines = Data((`The trace format`.foreign.prefix(2).joined(separator: "\n") + "\n").utf8)
    let more = Data(
      String(repeating: #"{"event":"message","text":"more"}"# + "\n", count: 1000).utf8)
    var written = lines.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    // Until the pipe has been full for a while.
    var patience = 200
    while patience > 0, written < 64 << 20 {
      let count = more.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { written += count } else { (patience, _) = (patience - 1, usleep(10_000)) }
    }
    #expect(written < 8 << 20, "\(written) bytes were taken of a pipe that nobody shows")
    gate.open()
    session.close()
    try FileManager.default.removeItem(at: folder)
  }

  /// Holds up whoever shows the first line.
  private final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func pass() {
      semaphore.wait()
      semaphore.signal()
    }

    func open() { semaphore.signal() }
  }

  @Test func `a followed trace replaced by a non-file is ignored`() async throws {
    let path = try write(Array(`The trace format`.foreign.prefix(2)))
    let (session, listener) = open(path, follows: true)
    let isOpened: (SessionEvent) -> Bool = { if case .opened = $0 { true } else { false } }
    let opened = try await listener.next(isOpened)
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    try FileManager.default.removeItem(atPath: path)
    _ = try write(Array(`The trace format`.foreign.prefix(2)))
    _ = try await listener.next(after: opened + 1, isOpened)
    session.close()
    try FileManager.default.removeItem(at: folder)
  }
}

/// Files that a followed trace is replaced by.
@Suite struct `A trace source` {
  @Test func `a followed trace replaced by a non-file leaves no open descriptor`() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "src-\(UUID().uuidString)")
      .path
    try "x\n".write(toFile: path, atomically: false, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    var source = try TraceSource(path)
    defer { source.close() }
    while case .bytes = source.next() {}
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    func descriptors() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
    let before = try descriptors()
    for _ in 0..<200 {
      guard case .nothing = source.next() else {
        Issue.record("a folder is no trace")
        return
      }
    }
    // Others may be opened and closed meanwhile.
    #expect(try descriptors() < before + 100)
  }
}

/// The file beside a run.
@Suite struct `A trace recorder` {
  @Test func `the trace recorder replaces only traces`() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "rec-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    for _ in 0..<2 {
      let recorder = try TraceRecorder(file.path, writer: "tests")
      try recorder.record(.logged("hello"))
      try recorder.finish()
      try recorder.record(.logged("too late"))
      let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 3 && lines[1].contains("hello") && lines[2].contains("end"))
    }
    try Data("a holiday film".utf8).write(to: file)
    #expect(throws: FileOutputError.self) { try TraceRecorder(file.path, writer: "tests") }
    #expect(try String(contentsOf: file, encoding: .utf8) == "a holiday film")
  }

  @Test func `a trace that is being recorded is locked`() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "rec-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    let first = try TraceRecorder(file.path, writer: "tests")
    try first.record(.logged("hello"))
    let error = #expect(throws: FileOutputError.self) {
      try TraceRecorder(file.path, writer: "tests")
    }
    #expect(error?.reason == "another run is recording to it")
    try first.finish()
    #expect(try String(contentsOf: file, encoding: .utf8).contains("hello"))
    let second = try TraceRecorder(file.path, writer: "tests")
    try second.record(SessionEvent.minimalRun)
    try second.finish()
    #expect(try !String(contentsOf: file, encoding: .utf8).contains("hello"))
  }

  @Test func `a trace on a full disk reports the failure once`() throws {
    #expect(throws: FileOutputError.self) { try TraceRecorder("/dev/full", writer: "tests") }
    #expect(throws: FileOutputError.self) { try TraceRecorder("/nowhere/x", writer: "tests") }
  }
}
