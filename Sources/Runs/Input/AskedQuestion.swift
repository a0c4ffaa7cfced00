import Media

/// A question about the open clip, with its choices and its right answer if known.
public struct AskedQuestion: Sendable, Equatable {
  /// The question without choices and suffix.
  public var question: String
  /// Answer choices; empty for an open question.
  public var choices: [String]
  /// The right answer; nil if unknown.
  public var answer: String?
  /// For a question of a task file: the text after the choices if no suffix is set. Its choices are
  /// always listed, and its answer is a letter. Nil for other questions.
  public var instruction: String?

  public init(
    _ question: String, choices: [String] = [], answer: String? = nil, instruction: String? = nil
  ) {
    (self.question, self.choices, self.answer) = (question, choices, answer)
    self.instruction = instruction
  }

  /// The text for the model: question, choices and suffix, one per line. Choices that the question
  /// contains are not repeated.
  public func text(suffix: String?) -> String {
    var settings = InputSettings()
    settings.suffix = suffix ?? (choices.isEmpty ? nil : instruction)
    return settings.withSuffix(([question] + choiceLines).joined(separator: "\n"))
  }

  /// Lines of the choices with their letters; none if the question contains all choices.
  private var choiceLines: [String] {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    let isListed = instruction == nil && choices.allSatisfy { question.contains($0) }
    return isListed ? [] : zip(letters, choices).map { "\($0). \($1)" }
  }

  /// A question from the text that the model gets, the inverse of `text(suffix:)`.
  public init(text: String, choices: [String], answer: String?, suffix: String?) {
    let lines = AskedQuestion("", choices: choices).choiceLines
    let suffixes = suffix.map { $0.isEmpty ? [] : [$0] } ?? []
    let tails = [lines + suffixes, suffixes].map { $0.map { "\n" + $0 }.joined() }
    let found = tails.first { !$0.isEmpty && text.hasSuffix($0) }
    // Without a question and choices, the text is the suffix alone.
    let bare = text == suffixes.first ? "" : String(text.dropLast(found?.count ?? 0))
    self.init(bare, choices: choices, answer: answer)
  }
}

extension ClipSummary {
  /// The question of the clip without choices and suffix.
  public var asked: AskedQuestion {
    AskedQuestion(text: question, choices: choices, answer: answer, suffix: input.suffix)
  }

  /// A summary of the same clip with another question.
  func asking(_ asked: AskedQuestion) -> ClipSummary {
    ClipSummary(
      title: title, source: source, seconds: seconds, frames: frames,
      question: asked.text(suffix: input.suffix), choices: asked.choices, answer: asked.answer,
      audit: audit, input: input, parts: parts)
  }
}

extension Clip {
  /// The clip with another question.
  func asking(_ asked: AskedQuestion) -> Clip {
    Clip(
      title: title, source: source, question: asked.question, choices: asked.choices,
      answer: asked.answer, video: video, audio: audio, image: image, settings: settings,
      isPrepared: isPrepared, audit: audit)
  }
}
