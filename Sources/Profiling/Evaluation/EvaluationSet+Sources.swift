import Foundation
import Media
import OmniModel
import Synchronization
import SyntheticWorld

extension EvaluationSet {
  /// The scenes and questions of a benchmark file, rendered when they are needed.
  /// - Throws: `ExamError`.
  public init(benchmark file: String) throws(ExamError) {
    let benchmark: Benchmark
    do {
      benchmark = try Benchmark(parsing: try FileInput.text(file, limit: Benchmark.sizeLimit))
    } catch let error as FileInputError {
      throw .unreadable(file: file, reason: error.reason)
    } catch {
      throw .badBenchmark(file: file, reason: "\(error)")
    }
    guard !benchmark.clips.isEmpty else { throw .badBenchmark(file: file, reason: "no clips") }
    let ids = benchmark.clips.flatMap { $0.questions.map(\.id) }
    guard Set(ids).count == ids.count else {
      throw .badBenchmark(file: file, reason: "two questions have the same id")
    }
    self.init(
      name: URL(filePath: file).lastPathComponent,
      clips: benchmark.clips.map(EvaluationClip.init))
  }

  /// Clips with their own questions.
  /// - Throws: `MediaError` where one cannot be read.
  public init(clips paths: [String], for thinker: Thinker) throws {
    let clips = try paths.map { path -> EvaluationClip in
      let clip = try Self.load(path, thinker)
      return EvaluationClip(
        id: path, windows: nil,
        questions: [
          EvaluationQuestion(
            id: path, kind: "clip", text: ClipInput.question(clip), choices: clip.choices,
            answer: clip.answer, judge: { $0.isSameWording(as: clip.answer ?? "") })
        ],
        load: { ClipInput(try Self.load(path, thinker)) })
    }
    self.init(name: "clips", clips: clips)
  }

  static func load(_ path: String, _ thinker: Thinker) throws -> Clip {
    try blocking {
      try await Clip.load(path, prepareFrame: OpenedRun.shrinking(path, thinker))
    }
  }
}

extension EvaluationClip {
  fileprivate init(_ clip: BenchmarkClip) {
    self.init(
      id: clip.clip, windows: clip.scene.windows.count,
      questions: clip.questions.map {
        EvaluationQuestion(id: $0.id, kind: $0.type, text: $0.question, answer: $0.answer)
      },
      load: {
        let renderer = try SceneRenderer(clip.scene)
        return ClipInput(
          question: "",
          video: clip.modalities.contains(.video)
            ? PixelFrames(renderer.frames(), height: Scene.side, width: Scene.side) : nil,
          waveform: clip.modalities.contains(.audio) ? renderer.waveform() : nil,
          secondsPerGrid: 2 / Scene.framesPerSecond, leastPixels: 1)
      })
  }
}

extension String {
  /// The same words, whatever the case and the space around them.
  func isSameWording(as other: String) -> Bool {
    let strip = { (text: String) in
      text.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
    }
    return strip(self) == strip(other)
  }
}

/// Waits for asynchronous work on a thread that may block.
func blocking<Result: Sendable>(
  _ work: @escaping @Sendable () async throws -> Result
) throws -> Result {
  let box = Mutex<Swift.Result<Result, any Error>?>(nil)
  let isDone = DispatchSemaphore(value: 0)
  Task.detached {
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await work()) } catch { result = .failure(error) }
    box.withLock { $0 = result }
    isDone.signal()
  }
  isDone.wait()
  guard let result = box.withLock({ $0 }) else { preconditionFailure("signalled without result") }
  return try result.get()
}
