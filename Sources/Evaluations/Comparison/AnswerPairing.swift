/// Pairs of answers to the same question, one from each of two groups.
struct AnswerPairing: Sendable, Equatable {
  /// The key by which answers to the same question are found.
  enum Rule: Sendable, Equatable {
    /// Pairs by question name in sweep results; questions with other names, by text and media.
    case questions
    /// Pairs by lmms-eval's `doc_hash`.
    case documents
    /// Pairs by lmms-eval's `doc_id`, if the right answers agree.
    case targets
  }

  /// Pairs of answers, as indices into the two groups.
  let pairs: [(first: Int, second: Int)]
  let rule: Rule
  /// Names of paired questions whose text, choices or right answers differ.
  let otherWords: [String]
  /// Names of paired questions whose media differ.
  let otherMedia: [String]

  static func == (left: Self, right: Self) -> Bool {
    left.pairs.map(\.first) == right.pairs.map(\.first)
      && left.pairs.map(\.second) == right.pairs.map(\.second) && left.rule == right.rule
  }

  /// Reasons why answers cannot be paired.
  enum Problem: Error, Equatable {
    case nothingInCommon
    /// Too many documents with the same `doc_id` have different right answers.
    case otherTargets(Int, of: Int)
    /// The answers of one file have no document ids.
    case noDocuments(isFirst: Bool)
  }

  /// Minimum share of equal right answers for pairing by `doc_id`.
  private static let targetAgreement = 0.9

  init(_ first: [ScoredAnswer], _ second: [ScoredAnswer]) throws(Problem) {
    if first.contains(where: { $0.question != nil }), second.contains(where: { $0.question != nil })
    {
      self = try Self.byQuestion(first, second)
      return
    }
    for (answers, isFirst) in [(first, true), (second, false)] {
      guard answers.contains(where: { $0.document != nil }) else {
        throw .noDocuments(isFirst: isFirst)
      }
    }
    if let byHash = Self.byHash(first, second) {
      self = byHash
    } else {
      self = try Self.byTarget(first, second)
    }
  }

  private init(
    _ pairs: [(first: Int, second: Int)], _ rule: Rule, otherWords: [String] = [],
    otherMedia: [String] = []
  ) {
    (self.pairs, self.rule) = (pairs, rule)
    (self.otherWords, self.otherMedia) = (otherWords, otherMedia)
  }

  /// Pairs answers by question name, and the rest by text and media. Questions of the same name
  /// with different text and media are different questions.
  private static func byQuestion(
    _ first: [ScoredAnswer], _ second: [ScoredAnswer]
  ) throws(Problem) -> AnswerPairing {
    let names = places(second) { $0.question }
    var pairs: [(first: Int, second: Int)] = []
    var taken: Set<Int> = []
    var (words, media): ([String], [String]) = ([], [])
    for (index, answer) in first.enumerated() {
      guard let name = answer.question, let other = names[name]?.first,
        !isAnother(answer, second[other]), taken.insert(other).inserted
      else { continue }
      pairs.append((index, other))
      if differs(answer.asked, second[other].asked) { words.append(name) }
      if differs(answer.media, second[other].media) { media.append(name) }
    }
    let done = Set(pairs.map(\.first))
    let contents = places(second.enumerated().map { taken.contains($0.offset) ? nil : $0.element })
    {
      content($0)
    }
    for (index, answer) in first.enumerated() where !done.contains(index) {
      guard let key = content(answer), let found = contents[key], found.count == 1,
        taken.insert(found[0]).inserted
      else { continue }
      pairs.append((index, found[0]))
    }
    guard !pairs.isEmpty else { throw .nothingInCommon }
    return AnswerPairing(
      pairs.sorted { $0.first < $1.first }, .questions, otherWords: words, otherMedia: media)
  }

  private static func differs(_ a: String?, _ b: String?) -> Bool {
    if let a, let b { a != b } else { false }
  }

  private static func isAnother(_ a: ScoredAnswer, _ b: ScoredAnswer) -> Bool {
    differs(a.asked, b.asked) && differs(a.media, b.media)
  }

  /// Fingerprints of text and media; nil unless both are known.
  private static func content(_ answer: ScoredAnswer) -> String? {
    guard let asked = answer.asked, let media = answer.media else { return nil }
    return "\(asked) \(media)"
  }

  /// Pairs answers by `doc_hash`, and equal hashes by `doc_id`; nil if no hash is in both groups.
  private static func byHash(
    _ first: [ScoredAnswer], _ second: [ScoredAnswer]
  ) -> AnswerPairing? {
    let hashes = places(second) { $0.document?.hash }
    var taken: Set<Int> = []
    let pairs = first.enumerated().compactMap { index, answer -> (first: Int, second: Int)? in
      guard let document = answer.document, let hash = document.hash, let found = hashes[hash]
      else { return nil }
      let same = found.first { second[$0].document?.id == document.id }
      guard let other = same ?? (found.count == 1 ? found[0] : nil), taken.insert(other).inserted
      else { return nil }
      return (index, other)
    }
    return pairs.isEmpty ? nil : AnswerPairing(pairs, .documents)
  }

  /// Pairs answers by `doc_id`, if nearly all right answers agree.
  private static func byTarget(
    _ first: [ScoredAnswer], _ second: [ScoredAnswer]
  ) throws(Problem) -> AnswerPairing {
    let ids = places(second) { $0.document.map { "\($0.id)" } }
    var pairs: [(first: Int, second: Int)] = []
    var common = 0
    for (index, answer) in first.enumerated() {
      guard let document = answer.document, let other = ids["\(document.id)"]?.first else {
        continue
      }
      common += 1
      if second[other].document?.target == document.target { pairs.append((index, other)) }
    }
    guard common > 0 else { throw .nothingInCommon }
    guard Double(pairs.count) >= targetAgreement * Double(common) else {
      throw .otherTargets(common - pairs.count, of: common)
    }
    return AnswerPairing(pairs, .targets)
  }

  /// Indices of the answers of each key.
  private static func places(
    _ answers: [ScoredAnswer?], key: (ScoredAnswer) -> String?
  ) -> [String: [Int]] {
    var places: [String: [Int]] = [:]
    for (index, answer) in answers.enumerated() {
      if let answer, let key = key(answer) { places[key, default: []].append(index) }
    }
    return places
  }
}
