import Runs
import Selection
import Sessions

/// The questions that can be asked next: those asked about the open clip, of a task file, or of
/// results; with their answers so far.
struct QuestionList: Sendable, Equatable {
  /// A question, where its clip is, and its answers.
  struct Entry: Sendable, Equatable {
    let asked: AskedQuestion
    /// What opens the clip of the question; nil for the open clip.
    var target: RunTarget?
    /// Words about the question, such as its name in a task file; empty for none.
    var name = ""
    /// The answer with the plan `planName`, and the answer with full tokens; nil until they are
    /// complete.
    var answer, fullAnswer: String?
    var planName = ""
    /// Whether the full-token run is requested too.
    var isFullWanted = false
  }

  private(set) var entries: [Entry] = []
  /// Index of the open question.
  private(set) var current = 0
  /// Index of the entry that is being opened; nil if none is.
  private var opening: Int?

  /// Whether there is another question.
  var hasSeveral: Bool { entries.count > 1 }

  /// The entry `step` places further, continuing at the other end.
  func index(after step: Int) -> Int {
    entries.isEmpty ? 0 : (current + step + entries.count) % entries.count
  }

  /// Notes that an entry is being opened, so that it becomes the open question.
  mutating func willOpen(_ index: Int) { opening = index }

  /// Notes that nothing is being opened any more, after an error.
  mutating func cancelOpening() { opening = nil }

  /// Replaces the list, as by the entries of a task file.
  mutating func replace(with entries: [Entry], opening index: Int?) {
    self = QuestionList()
    self.entries = entries
    opening = index
    current = index ?? 0
  }

  /// Adds the questions of a file after the open one, instead of earlier ones.
  mutating func offer(_ new: [Entry]) {
    let open = entries.indices.contains(current) ? [entries[current]] : []
    self = QuestionList()
    entries = open + new
  }

  /// Updates the list when a run is opened.
  /// - Parameter isSameClip: whether the clip was open before.
  mutating func opened(_ clip: ClipSummary, isSameClip: Bool) {
    defer { opening = nil }
    if let opening, entries.indices.contains(opening) {
      current = opening
      return
    }
    let asked = clip.asked
    if !isSameClip { entries = [] }
    if let known = index(of: asked.question) {
      current = known
    } else {
      entries.append(Entry(asked: asked))
      current = entries.count - 1
    }
  }

  /// Index of a question about the open clip; nil if it was not asked.
  func index(of question: String) -> Int? {
    let here = entries.indices.contains(current) ? entries[current].target?.media : nil
    return entries.indices.first {
      entries[$0].asked.question == question
        && (entries[$0].target == nil || entries[$0].target?.media == here)
    }
  }

  /// Notes the answer to the open question.
  mutating func answered(_ text: String, plan: String) {
    guard entries.indices.contains(current) else { return }
    (entries[current].answer, entries[current].planName) = (text, plan)
  }

  mutating func answeredInFull(_ text: String) {
    guard entries.indices.contains(current) else { return }
    entries[current].fullAnswer = text
  }
}

extension QuestionList.Entry {
  /// Whether the answers of plan and full tokens have the same words; nil until both are known.
  var isSame: Bool? {
    guard let answer, let fullAnswer else { return nil }
    return answer.trimmed == fullAnswer.trimmed
  }
}
