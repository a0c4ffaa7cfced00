import Foundation

extension FFmpeg {
  /// Runs `ffmpeg` or `ffprobe` to its end and hands over its standard output as it comes.
  ///
  /// The tool is gone when this returns, whatever happened: it is killed when `consume` throws,
  /// when it is silent for too long, and when the task is cancelled. It does not outlive this
  /// program either.
  ///
  /// - Parameters:
  ///   - file: what the tool reads as `FFmpeg.input`
  ///   - extraPatience: added to `patience` where silence is expected
  func run(
    _ tool: String, _ arguments: [String], on file: SourceFile, extraPatience: Duration = .zero,
    consume: (RawSpan) throws(MediaError) -> Void
  ) async throws(MediaError) -> Complaints {
    let executable = try executable(tool)
    if Task.isCancelled { throw .cancelled(file: file.path) }
    let process: ToolProcess
    do {
      process = try ToolProcess(
        executable, arguments, environment: environment, input: file.descriptor)
    } catch {
      throw .ffmpegNotStarted(tool: tool, reason: String(cString: strerror(error.code)))
    }
    let outcome: Outcome
    do throws(MediaError) {
      outcome = .ended(try await follow(process, patience + extraPatience, consume))
    } catch {
      outcome = .failed(error)
    }
    await process.finish()
    if Task.isCancelled { throw .cancelled(file: file.path) }
    let complaints = process.complaints
    switch outcome {
    case .failed(let error): throw error
    case .ended(.silent):
      let seconds = (patience + extraPatience) / .seconds(1)
      throw .ffmpegStalled(tool: tool, file: file.path, seconds: seconds)
    case .ended(.badly(let ending)):
      throw .ffmpegFailed(
        tool: tool, file: file.path, ending: ending, complaint: complaints.tellingLine)
    case .ended(.well): return complaints
    }
  }

  private enum Ending {
    case well
    case badly(ToolEnding)
    case silent
  }

  private enum Outcome {
    case ended(Ending)
    case failed(MediaError)
  }

  private func follow(
    _ process: ToolProcess, _ patience: Duration, _ consume: (RawSpan) throws(MediaError) -> Void
  ) async throws(MediaError) -> Ending {
    while true {
      switch await process.next(patience: patience) {
      case .output(let piece): try consume(piece.span.bytes)
      case .silent: return .silent
      case .ended(nil): return .well
      case .ended(let ending?): return .badly(ending)
      }
    }
  }
}
