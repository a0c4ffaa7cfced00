import Foundation

extension FFmpeg {
  /// Runs `ffmpeg` or `ffprobe` and passes its standard output to `consume` as it arrives.
  ///
  /// The tool has ended when this function returns. It is killed if `consume` throws, if it gives
  /// no output within the timeout, if the task is cancelled, and when this program ends.
  ///
  /// - Parameters:
  ///   - file: the input file, which the tool reads as `FFmpeg.input`
  ///   - extraPatience: added to the timeout `patience` if a long time without output is expected
  /// - Throws: `MediaError`.
  func run(
    _ tool: String, _ arguments: [String], on file: SourceFile, extraPatience: Duration = .zero,
    consume: (RawSpan) throws(MediaError) -> Void
  ) async throws(MediaError) -> StderrTail {
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
    let stderrTail = process.stderrTail
    switch outcome {
    case .failed(let error): throw error
    case .ended(.silent):
      let seconds = (patience + extraPatience) / .seconds(1)
      throw .ffmpegStalled(tool: tool, file: file.path, seconds: seconds)
    case .ended(.badly(let ending)):
      throw .ffmpegFailed(
        tool: tool, file: file.path, ending: ending, message: stderrTail.causeLine)
    case .ended(.well): return stderrTail
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
