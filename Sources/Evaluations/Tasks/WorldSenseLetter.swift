/// Extracts the letter of a choice by the rules of lmms-eval's WorldSense task: any capital letter
/// of a choice; if there is none and the answer has more than five words, the text of a choice;
/// otherwise A.
enum WorldSenseLetter {
  /// Finds the letter of an answer.
  /// - Parameters:
  ///   - answer: the generated text, without reasoning.
  ///   - choices: three or four choices, without letters.
  /// - Returns: the letter, and whether the answer contains it.
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

  /// Index of the largest value; of equal values the first.
  private static func latest(_ places: [Int]) -> Int {
    places.indices.reduce(0) { places[$1] > places[$0] ? $1 : $0 }
  }

  /// The text without each kind of punctuation at both ends.
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
