/// Extracts the letter of a choice like lmms-eval's WorldSense task: any capital letter of a
/// choice; without one, in answers of more than five words, the words of a choice; otherwise A.
enum WorldSenseLetter {
  /// - Parameters:
  ///   - answer: without its reasoning.
  ///   - choices: without their letters; three or four.
  /// - Returns: the letter, and whether the answer stated it.
  static func found(in answer: String, of choices: [String]) -> (letter: Character, isStated: Bool)
  {
    let letters = Array(TaskFile.Task.letters.prefix(choices.count))
    let text = Array((" " + bare(answer) + " ").unicodeScalars)
    let stated = letters.filter { letter in
      letter.unicodeScalars.first.map(text.contains) ?? false
    }
    if !stated.isEmpty {
      let places = stated.map { last(of: Array("(\($0))".unicodeScalars), in: text) ?? -1 }
      return (stated[latest(places)], true)
    }
    let isLong = answer.split(whereSeparator: \.isWhitespace).count > 5
    let lowered = Array(String(String.UnicodeScalarView(text)).lowercased().unicodeScalars)
    let quoted = zip(letters, choices).compactMap { letter, choice in
      last(of: Array(choice.lowercased().unicodeScalars), in: lowered).map { (letter, $0) }
    }
    guard isLong, !quoted.isEmpty else { return ("A", false) }
    return (quoted[latest(quoted.map(\.1))].0, true)
  }

  /// Index of the largest; the first wins ties.
  private static func latest(_ places: [Int]) -> Int {
    places.indices.reduce(0) { places[$1] > places[$0] ? $1 : $0 }
  }

  /// Trims each kind of punctuation at both ends.
  private static func bare(_ answer: String) -> String {
    [",", ".", "!", "?", ";", ":", "'"].reduce(answer) { (text: String, mark: Character) in
      let front = text.drop { $0 == mark }
      return String(front.reversed().drop { $0 == mark }.reversed())
    }
  }

  private static func last(of pattern: [Unicode.Scalar], in text: [Unicode.Scalar]) -> Int? {
    guard text.count >= pattern.count else { return nil }
    return (0...text.count - pattern.count).last { text[$0...].starts(with: pattern) }
  }
}
