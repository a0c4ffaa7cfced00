import Basics
import Foundation

/// A benchmark of synthetic clips: a JSON Lines file in which each line is a scene with questions.
public struct Benchmark: Equatable, Sendable {
  /// The clips of the benchmark, in file order.
  public let clips: [BenchmarkClip]

  /// Maximum size of a benchmark file in bytes: a hundred times the included benchmark.
  public static let sizeLimit = 64 << 20

  /// Parses the text of a benchmark file (JSON Lines; empty lines are skipped).
  /// - Throws: `SyntheticWorldError`.
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

/// A clip of the benchmark: a scene and questions about it.
public struct BenchmarkClip: Codable, Equatable, Sendable {
  /// Name of the clip, unique in its file.
  public let clip: String
  /// Modalities of the clip that the model receives.
  public let modalities: [ClipModality]
  /// The scene from which the clip is rendered.
  public let scene: Scene
  /// The questions about the clip.
  public let questions: [BenchmarkQuestion]
}

/// A modality that a clip may have: video or audio.
public enum ClipModality: String, Codable, Sendable {
  case video, audio
}

/// A question about a clip, with its only correct answer.
public struct BenchmarkQuestion: Codable, Equatable, Sendable {
  /// Identifier of the question, unique in its file.
  public let id: String
  /// Type of the question, such as `x_colour`.
  public let type: String
  /// Text of the question.
  public let question: String
  /// The correct answer; the model's answer must match it exactly.
  public let answer: String
  /// Accuracy that is possible by guessing from the question alone, 0…1.
  public let chance: Double
}

extension Scene {
  /// Parses a scene from JSON text.
  /// - Throws: `SyntheticWorldError`.
  public init(parsing text: String) throws(SyntheticWorldError) {
    do {
      self = try JSONDecoder().decode(Scene.self, fromOutside: Data(text.utf8))
    } catch {
      throw .unreadableScene(reason: "\(error)")
    }
  }
}
