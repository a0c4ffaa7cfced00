/// Pre-tokenization: splits text into words like the tokenizers of Qwen models, in one pass.
///
/// Implemented by hand because a regular expression takes quadratic time for sequences of combining
/// marks: 17 s for 8000.
struct WordSplitter {
  /// The regular expression that is implemented, as in `tokenizer.json`.
  static let pattern =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|"#
    + #"\s*[\r\n]+|\s+(?!\S)|\s+"#

  private enum Kind {
    case letter, number, lineEnd, space, other
  }

  private let scalars: [Unicode.Scalar]
  private let kinds: [Kind]

  /// The words of a text, in order; their concatenation is the text.
  static func words(of text: String) -> [String] {
    let splitter = WordSplitter(text)
    var words: [String] = []
    var start = 0
    while start < splitter.scalars.count {
      let end = splitter.end(from: start)
      words.append(String(String.UnicodeScalarView(splitter.scalars[start..<end])))
      start = end
    }
    return words
  }

  private init(_ text: String) {
    scalars = Array(text.unicodeScalars)
    kinds = scalars.map(Self.kind)
  }

  private static func kind(_ scalar: Unicode.Scalar) -> Kind {
    if scalar == "\n" || scalar == "\r" { return .lineEnd }
    if scalar.properties.isWhitespace { return .space }
    return switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      .letter
    case .decimalNumber, .letterNumber, .otherNumber: .number
    default: .other
    }
  }

  /// End of the word that begins at `start`; the first matching alternative of the pattern wins.
  private func end(from start: Int) -> Int {
    contraction(start) ?? letters(start) ?? number(start) ?? signs(start) ?? blanks(start)
  }

  private func run(_ kind: Kind, from start: Int) -> Int {
    kinds[start...].firstIndex { $0 != kind } ?? kinds.count
  }

  private func kind(_ index: Int) -> Kind? { index < kinds.count ? kinds[index] : nil }

  private func contraction(_ start: Int) -> Int? {
    guard scalars[start] == "'" else { return nil }
    let tail = scalars[(start + 1)...].prefix(2).map { scalar -> Unicode.Scalar in
      // Case-insensitive matching: a long s (ſ) matches s.
      scalar == "\u{17F}" ? "s" : scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
    }
    if let first = tail.first, "stmd".unicodeScalars.contains(first) { return start + 2 }
    return [["r", "e"], ["v", "e"], ["l", "l"]].contains(tail) ? start + 3 : nil
  }

  /// Matches letters with one preceding symbol or space.
  private func letters(_ start: Int) -> Int? {
    switch kinds[start] {
    case .letter: run(.letter, from: start)
    case .space, .other: kind(start + 1) == .letter ? run(.letter, from: start + 1) : nil
    case .number, .lineEnd: nil
    }
  }

  private func number(_ start: Int) -> Int? { kinds[start] == .number ? start + 1 : nil }

  /// Matches symbols with one preceding space, and the line ends after them.
  private func signs(_ start: Int) -> Int? {
    let first = scalars[start] == " " ? start + 1 : start
    guard kind(first) == .other else { return nil }
    let end = run(.other, from: first)
    return end < kinds.count ? run(.lineEnd, from: end) : end
  }

  /// Matches white space up to the last line end, or all but the last space.
  private func blanks(_ start: Int) -> Int {
    let end =
      kinds[start...].firstIndex { $0 != .space && $0 != .lineEnd } ?? kinds.count
    if let lineEnd = kinds[start..<end].lastIndex(of: .lineEnd) { return lineEnd + 1 }
    return end == kinds.count || end - start == 1 ? end : end - 1
  }
}
