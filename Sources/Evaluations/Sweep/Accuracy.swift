/// Accuracy: the number of right answers of a number of questions.
public struct Accuracy: Sendable, Equatable, Codable {
  public let right, asked: Int

  public init(_ answers: some Sequence<Bool>) {
    var (right, asked) = (0, 0)
    for isRight in answers {
      asked += 1
      right += isRight ? 1 : 0
    }
    (self.right, self.asked) = (right, asked)
  }

  public var share: Double { asked > 0 ? Double(right) / Double(asked) : 0 }

  /// Standard error of the accuracy p over n questions: √(p·(1 − p)/n).
  public var standardError: Double {
    asked > 0 ? (share * (1 - share) / Double(asked)).squareRoot() : 0
  }
}
