import Basics
import Foundation
import Media
import OmniModel
import Runs
import Synchronization
import SyntheticWorld

extension EvaluationSet {
  /// The clips and questions of a benchmark file of synthetic scenes; scenes are rendered when
  /// loaded.
  /// - Throws: `EvaluationError`.
  /// - Parameter settings: input settings of every scene.
  public init(
    benchmark file: String, settings: InputSettings = InputSettings(),
    for family: ModelFamily = .standard
  ) throws(EvaluationError) {
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
      clips: zip(benchmark.clips, scenes).map { EvaluationClip($0, scene: $1, settings, family) })
  }

  /// Identity of each scene of a benchmark file: its JSON without the questions.
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

  /// Clips given by path, each with its own question. A clip that cannot be read gets an empty
  /// question here and is skipped when it is loaded.
  public init(
    clips paths: [String], input: InputLayers = InputLayers(), for thinker: Thinker
  ) {
    self.init(
      name: "clips",
      clips: paths.map { path in
        let clip = try? blocking { try await input.clip(path, thinker) }
        return EvaluationClip(
          id: path, windows: nil,
          questions: [
            EvaluationQuestion(
              id: path, kind: "clip", text: clip.map(ClipInput.question) ?? "",
              choices: clip?.choices ?? [], answer: clip?.answer,
              judge: { $0.isSameWording(as: clip?.answer ?? "") })
          ], input: clip?.settings ?? input.asked,
          identity: { Self.identity(of: path) },
          load: {
            EvaluationMedia(try blocking { try await input.clip(path, thinker) }, for: thinker)
          })
      })
  }

  /// Fingerprint of a media file, or of all files of a clip directory.
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

}

extension EvaluationClip {
  /// A clip rendered from a synthetic scene.
  /// - Parameters:
  ///   - scene: identity of the scene.
  ///   - settings: input settings of the scene.
  fileprivate init(
    _ clip: BenchmarkClip, scene: String, _ settings: InputSettings, _ family: ModelFamily
  ) {
    self.init(
      id: clip.clip, windows: clip.scene.windows.count,
      questions: clip.questions.map {
        EvaluationQuestion(
          id: $0.id, kind: $0.type, text: settings.withSuffix($0.question), answer: $0.answer)
      }, input: settings, identity: { scene },
      load: {
        EvaluationMedia(
          ClipInput(try Clip(clip, settings), framesPerGrid: 2, for: family))
      })
  }
}

extension String {
  /// Whether two texts are equal, ignoring case and surrounding white space.
  public func isSameWording(as other: String) -> Bool {
    let strip = { (text: String) in
      text.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
    }
    return strip(self) == strip(other)
  }
}
