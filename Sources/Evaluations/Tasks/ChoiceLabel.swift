/// The letter label of a choice: `A. red`, `A.red`, `(A) red`, `A) red` or `A: red`.
enum ChoiceLabel {
  /// The choices without their labels, if each choice has one; otherwise unchanged.
  static func removed(from choices: [String]) -> [String] {
    let bare = zip(TaskFile.Task.letters, choices).map { letter, choice in
      rest(of: choice).flatMap { $0.letter == letter ? $0.text : nil }
    }
    let known = bare.compactMap(\.self)
    return known.count == choices.count ? known : choices
  }

  /// The letter at the start of an answer: `B`, `(B)`, `B.`, `B. blue`; nil if there is none.
  static func letter(of answer: String) -> Character? {
    let trimmed = answer.drop { $0.isWhitespace }.prefix { !$0.isNewline }
    if let labelled = rest(of: String(trimmed)) { return labelled.letter }
    let bare = trimmed.filter { !$0.isWhitespace }
    guard bare.count == 1, let letter = bare.uppercased().first,
      TaskFile.Task.letters.contains(letter)
    else { return nil }
    return letter
  }

  private static func rest(of text: String) -> (letter: Character, text: String)? {
    let trimmed = text.drop { $0.isWhitespace }
    let isBracketed = trimmed.first == "("
    let body = isBracketed ? trimmed.dropFirst() : trimmed
    guard let letter = body.first, TaskFile.Task.letters.contains(letter) else { return nil }
    let mark = body.dropFirst().first
    guard isBracketed ? mark == ")" : mark == "." || mark == ")" || mark == ":" else { return nil }
    return (letter, String(body.dropFirst(2).drop { $0.isWhitespace }))
  }
}
