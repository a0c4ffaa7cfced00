/// Lists as they are typed: entries with single separators between them, none of them empty, each of
/// them once. Every option, form and file that takes a list reads it by this rule.
public struct ListText<Entry: Equatable> {
  /// In the order in which they were first named.
  public let entries: [Entry]
  /// Entries that were named more than once, as they were typed the second time.
  public let repeated: [String]

  /// - Parameters:
  ///   - text: `35,25,15`; white space around entries is ignored.
  ///   - separators: the characters that stand between entries.
  ///   - entry: makes an entry of its text; nil where it is none.
  /// - Throws: `ListTextError`.
  public init(
    _ text: String, separators: String = ",", entry: (String) -> Entry?
  ) throws(ListTextError) {
    var entries: [Entry] = []
    var repeated: [String] = []
    let parts = text.split(omittingEmptySubsequences: false) { separators.contains($0) }
    for (index, part) in parts.enumerated() {
      let typed = part.trimmed
      guard !typed.isEmpty else { throw .emptyEntry(place: index + 1) }
      guard let entry = entry(typed) else { throw .unknownEntry(typed) }
      if entries.contains(entry) { repeated.append(typed) } else { entries.append(entry) }
    }
    (self.entries, self.repeated) = (entries, repeated)
  }
}

/// Why a text is no list.
public enum ListTextError: Error, Equatable, Sendable {
  /// Nothing stands at this place, counted from 1.
  case emptyEntry(place: Int)
  /// The entry is none of those that can stand there.
  case unknownEntry(String)
}

/// Layers as they are typed: `16-18-20`, `16,18` or `none`.
public enum LayerListText {
  /// Larger numbers are mistakes.
  public static let mostLayers = 99_999

  /// The layers, ascending and each once; none of `none`.
  /// - Parameter last: the largest number that is a layer; below 1 no number is one.
  /// - Throws: `ListTextError`.
  public static func layers(_ text: String, last: Int = mostLayers) throws(ListTextError) -> [Int] {
    if text.trimmed.lowercased() == "none" { return [] }
    return try ListText(separated(text), separators: separators) { entry in
      // Int takes a sign as well.
      Int(entry).flatMap { entry.first?.isNumber == true && $0 >= 1 && $0 <= last ? $0 : nil }
    }.entries.sorted()
  }

  private static let separators = "-,"

  /// White space between two layers separates them as well.
  private static func separated(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).reduce(into: "") { joined, word in
      let isSeparated =
        joined.last.map(separators.contains) ?? true || word.first.map(separators.contains) ?? true
      joined += (isSeparated ? "" : ",") + word
    }
  }

  /// Layers in the same notation.
  public static func text(_ layers: [Int]) -> String {
    layers.isEmpty ? "none" : layers.map(String.init).joined(separator: "-")
  }
}

extension StringProtocol {
  fileprivate var trimmed: String {
    let end = lastIndex { !$0.isWhitespace }.map(index(after:)) ?? startIndex
    return String(self[..<end].drop(while: \.isWhitespace))
  }
}
