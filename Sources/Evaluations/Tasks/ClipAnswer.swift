import Runs

extension ClipSummary {
  /// Whether an answer is right; nil if no right answer is known. If the right answer is the letter
  /// of a choice, answers are compared by the letter that they state, otherwise by their words.
  public func isRight(_ text: String) -> Bool? {
    guard let expected = answer else { return nil }
    let letters = TaskFile.Task.letters.prefix(choices.count)
    guard let letter = expected.first, expected.count == 1, letters.contains(letter),
      !choices.contains(expected)
    else { return text.isSameWording(as: expected) }
    return ChoiceLetter.found(in: text, of: choices.count) == letter
  }
}
