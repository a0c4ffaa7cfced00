import Basics
import Foundation

/// A benchmark file: one clip per line, each a scene with its questions.
public struct Benchmark: Equatable, Sendable {
  /// The clips in file order.
  public let clips: [BenchmarkClip]

  /// Size limit in bytes: a hundred times the included benchmark.
  public static let sizeLimit = 64 << 20

  /// Reads the text of a benchmark file (JSON lines; empty lines are skipped).
  public init(parsing text: String) throws(SyntheticWorldError) {
    var clips: [BenchmarkClip] = []
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
      do {
        clips.append(try JSONDecoder().decode(BenchmarkClip.self, fromOutside: Data(line.utf8)))
      } catch {
        throw .unreadableLine(index + 1, reason: "\(error)")
      }
    }
    self.clips = clips
  }
}

/// One clip of a benchmark.
public struct BenchmarkClip: Codable, Equatable, Sendable {
  /// The clip's name, unique in its file.
  public let clip: String
  /// Modalities given to the model.
  public let modalities: [ClipModality]
  /// The scene.
  public let scene: Scene
  /// Its questions.
  public let questions: [BenchmarkQuestion]
}

/// A modality of a clip.
public enum ClipModality: String, Codable, Sendable {
  case video, audio
}

/// A question with its one right answer.
public struct BenchmarkQuestion: Codable, Equatable, Sendable {
  /// Unique in its file.
  public let id: String
  /// Type of question, such as `x_colour`.
  public let type: String
  /// Text of the question.
  public let question: String
  /// The right answer, to be matched exactly.
  public let answer: String
  /// Accuracy of guessing from the question alone.
  public let chance: Double
}

extension Scene {
  /// Reads a scene from JSON text.
  public init(parsing text: String) throws(SyntheticWorldError) {
    do {
      self = try JSONDecoder().decode(Scene.self, fromOutside: Data(text.utf8))
    } catch {
      throw .unreadableScene(reason: "\(error)")
    }
  }
}
