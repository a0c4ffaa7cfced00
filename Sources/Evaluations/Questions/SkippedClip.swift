import Media
import OmniModel
import SyntheticWorld

/// A clip that could not be read, and its questions, which are skipped.
public struct SkippedClip: Sendable, Equatable, Codable {
  /// Id of the skipped clip.
  public let clip: String
  /// Ids of the skipped questions.
  public let questions: [String]
  /// Error message that says why the clip could not be read.
  public let reason: String

  public init(clip: String, questions: [String], reason: String) {
    self.clip = clip
    self.questions = questions
    self.reason = reason
  }

  /// Whether an error concerns one clip only, so that an evaluation can continue with the next
  /// clip.
  static func allows(_ error: any Error) -> Bool {
    switch error {
    case let error as MediaError:
      switch error {
      // These errors would occur for every clip.
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
  /// Skipped clips reduced to questions without a result; for each clip, the last reason.
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
