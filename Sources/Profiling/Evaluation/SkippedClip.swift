import Media
import OmniModel
import SyntheticWorld

/// An unreadable clip, and its skipped questions.
public struct SkippedClip: Sendable, Equatable, Codable {
  /// Its id.
  public let clip: String
  /// Question ids.
  public let questions: [String]
  /// Error message.
  public let reason: String

  public init(clip: String, questions: [String], reason: String) {
    self.clip = clip
    self.questions = questions
    self.reason = reason
  }

  /// Whether an error concerns one clip only, so that the others can continue.
  static func allows(_ error: any Error) -> Bool {
    switch error {
    case let error as MediaError:
      switch error {
      // These affect every clip.
      case .ffmpegMissing, .ffmpegNotStarted, .cancelled: false
      default: true
      }
    case let error as PromptError:
      switch error {
      case .tokenizer, .unknownToken, .tokenConflict: false
      default: true
      }
    case PrefillError.tooLarge, is SyntheticWorldError: true
    default: false
    }
  }
}

extension [SkippedClip] {
  /// Skipped clips with unanswered questions, reduced to these; the last reason of each clip.
  func unanswered(by results: [SweepResult]) -> [SkippedClip] {
    let answered = Set(results.map(\.question))
    var clips: [String: SkippedClip] = [:]
    for skip in self {
      let open = skip.questions.filter { !answered.contains($0) }
      let known = clips[skip.clip]?.questions ?? []
      let questions = known + open.filter { !known.contains($0) }
      if questions.isEmpty { continue }
      clips[skip.clip] = SkippedClip(clip: skip.clip, questions: questions, reason: skip.reason)
    }
    return clips.values.sorted { $0.clip < $1.clip }
  }
}
