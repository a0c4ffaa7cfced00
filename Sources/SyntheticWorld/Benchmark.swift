import Foundation
import SafeJSON

/// The questions of a benchmark file: one clip a line, each a scene with its questions.
public struct Benchmark: Equatable, Sendable {
  /// The clips in file order.
  public let clips: [BenchmarkClip]

  /// A hundred times the benchmark that comes along, in bytes.
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
  /// Which of its two sides the model is given.
  public let modalities: [ClipModality]
  /// What is shown and heard.
  public let scene: Scene
  /// What is asked about it.
  public let questions: [BenchmarkQuestion]
}

/// One side of a clip.
public enum ClipModality: String, Codable, Sendable {
  case video, audio
}

/// A question with its one right answer.
public struct BenchmarkQuestion: Codable, Equatable, Sendable {
  /// Unique in its file.
  public let id: String
  /// What kind of question it is, as in `x_colour`.
  public let type: String
  /// What is asked.
  public let question: String
  /// The only answer that counts, to be matched exactly.
  public let answer: String
  /// What guessing from the question alone earns for this type.
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
