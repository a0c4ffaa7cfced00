import Subprocess

extension FFmpeg {
  private typealias Child = Execution<NoInput, SequenceOutput, SequenceOutput>

  /// What is known once both of the child's streams have ended.
  private struct Streams: Sendable {
    var complaints = Complaints()
    var hasStalled = false
    var failure: MediaError?
  }

  /// Runs `ffmpeg` or `ffprobe` to its end and hands over its standard output as it comes.
  ///
  /// The child is gone when this returns, whatever happened: it is killed when `consume` throws,
  /// when it is silent for too long, and when the task is cancelled.
  ///
  /// - Parameters:
  ///   - file: for error messages
  ///   - extraPatience: added to `patience` where silence is expected
  func run(
    _ tool: String, _ arguments: [String], on file: String, extraPatience: Duration = .zero,
    consume: (RawSpan) throws(MediaError) -> Void
  ) async throws(MediaError) -> Complaints {
    let executable = try await executable(tool)
    let patience = patience + extraPatience
    let ending: TerminationStatus
    let streams: Streams
    do {
      let result = try await Subprocess.run(
        executable, arguments: Arguments(arguments), environment: environment,
        input: .none, output: .sequence, error: .sequence
      ) { child in
        await Self.follow(child, patience, consume)
      }
      ending = result.terminationStatus
      streams = result.closureResult
    } catch {
      if Task.isCancelled { throw .cancelled(file: file) }
      throw .ffmpegNotStarted(tool: tool, reason: "\(error)".printable(limit: 300))
    }
    if Task.isCancelled { throw .cancelled(file: file) }
    if streams.hasStalled {
      throw .ffmpegStalled(tool: tool, file: file, seconds: patience / .seconds(1))
    }
    if let failure = streams.failure { throw failure }
    if let ending = ToolEnding(failed: ending) {
      throw .ffmpegFailed(
        tool: tool, file: file, ending: ending, complaint: streams.complaints.lastLine)
    }
    return streams.complaints
  }

  private nonisolated(nonsending) static func follow(
    _ child: Child, _ patience: Duration, _ consume: (RawSpan) throws(MediaError) -> Void
  ) async -> Streams {
    let clock = ReadClock()
    async let complaints = drain(child)
    async let _ = clock.giveUp(after: patience) { try? child.send(signal: .kill) }
    var streams = Streams()
    do throws(MediaError) {
      try await read(child, clock, consume)
    } catch {
      streams.failure = error
      // Its complaints end only with the child itself.
      try? child.send(signal: .kill)
    }
    clock.startWaiting()
    streams.complaints = await complaints
    streams.hasStalled = clock.hasGivenUp
    return streams
  }

  private nonisolated(nonsending) static func read(
    _ child: Child, _ clock: ReadClock, _ consume: (RawSpan) throws(MediaError) -> Void
  ) async throws(MediaError) {
    var pieces = child.standardOutput.makeAsyncIterator()
    while true {
      clock.startWaiting()
      // A failure to read is the end of the stream; the child's ending tells what it was.
      guard let piece = try? await pieces.next() else { return }
      clock.stopWaiting()
      try consume(piece.bytes)
    }
  }

  private static func drain(_ child: Child) async -> Complaints {
    var complaints = Complaints()
    var pieces = child.standardError.makeAsyncIterator()
    while let piece = try? await pieces.next() { complaints.append(piece.bytes) }
    return complaints
  }
}

extension ToolEnding {
  /// Nil when all went well.
  fileprivate init?(failed status: TerminationStatus) {
    switch status {
    case .exited(0): return nil
    case .exited(let code): self = .exit(Int(code))
    case .signaled(let signal): self = .signal(Int(signal))
    }
  }
}
