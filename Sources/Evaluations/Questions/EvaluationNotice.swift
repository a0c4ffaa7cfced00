/// A notice that applies to the answers of some questions, such as truncated audio, a limited
/// number of frames or an assumed default.
public struct EvaluationNotice: Sendable, Equatable, Codable {
  public let text: String
  /// Ids of the questions, in ascending order.
  public let questions: [String]

  public init(text: String, questions: [String]) {
    self.text = text
    self.questions = questions
  }
}

extension [EvaluationNotice] {
  /// Collects notices: one entry per text, in ascending order, with all its questions.
  init(_ notices: some Sequence<(question: String, texts: [String])>) {
    var questions: [String: Set<String>] = [:]
    for (question, texts) in notices {
      for text in texts { questions[text, default: []].insert(question) }
    }
    self = questions.map { EvaluationNotice(text: $0, questions: $1.sorted()) }
      .sorted { $0.text < $1.text }
  }
}
