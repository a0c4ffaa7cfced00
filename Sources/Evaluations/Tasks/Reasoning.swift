/// Reasoning text in an answer, between the tags that lmms-eval 0.7.2 recognises.
enum Reasoning {
  private static let tags = [("<think>", "</think>"), ("<analysis>", "</analysis>")]

  /// The answer without `<think>…</think>`. If only the closing tag is present, because the chat
  /// template opened the block, all text before it is removed. A block that is not closed is kept,
  /// as in lmms-eval.
  static func removed(from answer: String) -> String {
    var rest = answer.unicodeScalars
    for (open, close) in tags.map({ ($0.unicodeScalars, $1.unicodeScalars) }) {
      while let start = rest.firstRange(of: open),
        let end = rest[start.lowerBound...].firstRange(of: close)
      {
        rest.removeSubrange(start.lowerBound..<end.upperBound)
      }
      if rest.firstRange(of: open) == nil, let end = rest.ranges(of: close).last {
        rest = String.UnicodeScalarView(rest[end.upperBound...])
      }
    }
    return String(rest).trimmingWhitespace
  }

  /// Whether the answer ends inside a reasoning block.
  static func isUnfinished(_ answer: String) -> Bool {
    let rest = removed(from: answer)
    return tags.contains { rest.contains($0.0) }
  }
}

extension String {
  fileprivate var trimmingWhitespace: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
