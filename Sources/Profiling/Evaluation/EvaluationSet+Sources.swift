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
    let scenes: [String]
    do {
      let text = try FileInput.text(file, limit: Benchmark.sizeLimit)
      benchmark = try Benchmark(parsing: text)
      scenes = Self.scenes(text)
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
      clips: zip(benchmark.clips, scenes).map { EvaluationClip($0, scene: $1) })
  }

  /// What each scene of a benchmark file is recognised by, whatever is asked about it.
  private static func scenes(_ text: String) -> [String] {
    let lines = text.split { $0 == "\n" || $0 == "\r\n" }.filter { !$0.allSatisfy(\.isWhitespace) }
    return lines.map { line in
      var scene = (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
      scene?["questions"] = nil
      let bare = scene.flatMap {
        try? JSONSerialization.data(withJSONObject: $0, options: .sortedKeys)
      }
      return FileFingerprint.of(text: bare.map { String(decoding: $0, as: UTF8.self) } ?? "\(line)")
    }
  }

  /// Clips with their own questions. One that cannot be read has a question without words: it is
  /// skipped when it is asked.
  public init(clips paths: [String], for thinker: Thinker) {
    self.init(
      name: "clips",
      clips: paths.map { path in
        let clip = try? Self.load(path, thinker)
        return EvaluationClip(
          id: path, windows: nil,
          questions: [
            EvaluationQuestion(
              id: path, kind: "clip", text: clip.map(ClipInput.question) ?? "",
              choices: clip?.choices ?? [], answer: clip?.answer,
              judge: { $0.isSameWording(as: clip?.answer ?? "") })
          ],
          identity: { Self.identity(of: path) },
          load: { EvaluationMedia(try Self.load(path, thinker), for: thinker) })
      })
  }

  /// What a media file, or the files of a clip directory, are recognised by.
  static func identity(of path: String) -> String? {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      return nil
    }
    let manifest = "clip.toml"
    let isManifest = URL(filePath: path).lastPathComponent == manifest
    guard isDirectory.boolValue || isManifest else {
      return FileFingerprint.of(path, includesTime: true)
    }
    return FileFingerprint.of(
      [manifest, "video.ppm", "audio.wav", "image.ppm"],
      in: isManifest ? URL(filePath: path).deletingLastPathComponent().path : path,
      includesTime: true)
  }

  static func load(_ path: String, _ thinker: Thinker) throws -> Clip {
    try blocking {
      try await Clip.load(path, prepare: OpenedRun.resizing)
    }
  }
}

extension EvaluationClip {
  /// - Parameter scene: what the scene is recognised by.
  fileprivate init(_ clip: BenchmarkClip, scene: String) {
    self.init(
      id: clip.clip, windows: clip.scene.windows.count,
      questions: clip.questions.map {
        EvaluationQuestion(id: $0.id, kind: $0.type, text: $0.question, answer: $0.answer)
      },
      identity: { scene },
      load: {
        let renderer = try SceneRenderer(clip.scene)
        return EvaluationMedia(
          ClipInput(
            question: "",
            video: clip.modalities.contains(.video)
              ? PixelFrames(renderer.frames(), height: Scene.side, width: Scene.side) : nil,
            waveform: clip.modalities.contains(.audio) ? renderer.waveform() : nil,
            secondsPerGrid: 2 / Scene.framesPerSecond, leastPixels: 1))
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
