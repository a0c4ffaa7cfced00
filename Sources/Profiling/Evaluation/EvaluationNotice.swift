/// A notice on the answers to some questions: truncated audio, capped frames, an assumed default.
public struct EvaluationNotice: Sendable, Equatable, Codable {
  public let text: String
  /// Ids of the questions, ascending.
  public let questions: [String]

  public init(text: String, questions: [String]) {
    self.text = text
    self.questions = questions
  }
}

extension [EvaluationNotice] {
  /// Groups texts by question, each text once, ascending.
  init(_ notices: some Sequence<(question: String, texts: [String])>) {
    var questions: [String: Set<String>] = [:]
    for (question, texts) in notices {
      for text in texts { questions[text, default: []].insert(question) }
    }
    self = questions.map { EvaluationNotice(text: $0, questions: $1.sorted()) }
      .sorted { $0.text < $1.text }
  }
}
