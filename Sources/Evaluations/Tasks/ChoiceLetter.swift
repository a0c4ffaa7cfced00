/// Extracts the letter of a choice from a free answer by the rules of lmms-eval 0.7.2: the most
/// specific form counts, and of several letters in that form the last one.
enum ChoiceLetter {
  /// Forms in which an answer may state a letter, by ascending specificity.
  private enum Form: Int, Comparable {
    case anywhere, beforeSpace, beforeParenthesis, beforeColon, beforePeriod, inParentheses
    case afterPhrase, atEnd, atStart

    static func < (a: Form, b: Form) -> Bool { a.rawValue < b.rawValue }
  }

  private static let phrases = [
    "the answer is", "answer is", "the correct answer is", "correct answer is",
    "the best answer is", "best answer is", "the correct option is", "correct option is",
    "the best option is", "best option is", "the choice is", "choice is", "the correct choice is",
    "correct choice is", "i choose", "i select", "i pick", "my answer is", "my choice is",
    "옵션", "정답은", "답은", "답:", "答案是", "答案为", "选", "答えは",
  ]

  /// Finds the letter that an answer states.
  /// - Parameters:
  ///   - answer: the generated text, without reasoning in `<think>`.
  ///   - count: number of choices.
  /// - Returns: a capital letter; nil if there is none.
  static func found(in answer: String, of count: Int) -> Character? {
    let letters = Array(TaskFile.Task.letters.prefix(count))
    let bare = trimmed(Reasoning.removed(from: answer))
    guard !bare.isEmpty else { return nil }
    let text = Array((" " + String(bare) + " ").unicodeScalars)
    let core = strip(bare, where: \.isWhitespace).unicodeScalars
    var best: (form: Form, place: Int, letter: Character)?
    func offer(_ form: Form, _ place: Int, _ letter: Character) {
      guard best.map({ (form, place) > ($0.form, $0.place) }) ?? true else { return }
      best = (form, place, letter)
    }
    for letter in letters {
      guard let scalar = letter.unicodeScalars.first else { continue }
      for (form, pattern) in [
        (Form.inParentheses, ["(", scalar, ")"]), (.beforePeriod, [scalar, "."]),
        (.beforeColon, [scalar, ":"]), (.beforeParenthesis, [scalar, ")"]),
        (.beforeSpace, [scalar, " "]),
      ] as [(Form, [Unicode.Scalar])] {
        if let place = lastPlace(of: pattern, in: text) { offer(form, place, letter) }
      }
      let first = core.first == scalar
      if first, !isLetter(core.dropFirst().first) { offer(.atStart, 0, letter) }
      let last = core.last == scalar
      if last, !isLetter(core.dropLast().last) {
        offer(.atEnd, text.count - 1, letter)
      }
    }
    for (place, letter) in afterPhrases(text, letters) { offer(.afterPhrase, place, letter) }
    if best == nil {
      for letter in letters {
        guard let scalar = letter.unicodeScalars.first,
          let place = lastPlace(of: [scalar], in: text)
        else { continue }
        offer(.anywhere, place, letter)
      }
    }
    return best?.letter
  }

  /// The first occurrence of each letter after the first occurrence of each phrase.
  private static func afterPhrases(
    _ text: [Unicode.Scalar], _ letters: [Character]
  ) -> [(Int, Character)] {
    // Characters are lower-cased one by one, so that their offsets do not change.
    let lowered = text.map { scalar -> Unicode.Scalar in
      let lower = scalar.properties.lowercaseMapping.unicodeScalars
      return lower.count == 1 ? lower.first ?? scalar : scalar
    }
    return phrases.flatMap { phrase -> [(Int, Character)] in
      let pattern = Array(phrase.unicodeScalars)
      guard let start = firstPlace(of: pattern, in: lowered) else { return [] }
      return letters.compactMap { letter in
        let rest = text[(start + pattern.count)...]
        return rest.firstIndex { $0 == letter.unicodeScalars.first }.map { ($0, letter) }
      }
    }
  }

  /// The answer without spaces, and then without each kind of punctuation, at both ends.
  private static func trimmed(_ answer: String) -> Substring {
    let marks: [Character] = [",", ".", "!", "?", ";", ":", "'", "\""]
    return marks.reduce(strip(answer[...], where: \.isWhitespace)) { text, mark in
      strip(text) { $0 == mark }
    }
  }

  private static func strip(
    _ text: Substring, where isGone: (Character) -> Bool
  ) -> Substring {
    var text = text.drop(while: isGone)
    while let last = text.last, isGone(last) { text.removeLast() }
    return text
  }

  private static func isLetter(_ scalar: Unicode.Scalar?) -> Bool {
    switch scalar?.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }

  private static func firstPlace(
    of pattern: [Unicode.Scalar], in text: [Unicode.Scalar]
  ) -> Int? {
    guard text.count >= pattern.count else { return nil }
    return (0...text.count - pattern.count).first { matches(pattern, text, at: $0) }
  }

  private static func lastPlace(of pattern: [Unicode.Scalar], in text: [Unicode.Scalar]) -> Int? {
    guard text.count >= pattern.count else { return nil }
    return (0...text.count - pattern.count).last { matches(pattern, text, at: $0) }
  }

  private static func matches(
    _ pattern: [Unicode.Scalar], _ text: [Unicode.Scalar], at place: Int
  ) -> Bool {
    for offset in pattern.indices where text[place + offset] != pattern[offset] { return false }
    return true
  }
}
