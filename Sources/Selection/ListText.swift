/// A list parsed from text, used for all lists in options, forms and files. Entries must not be
/// empty; repeated entries count once.
public struct ListText<Entry: Equatable> {
  /// Distinct entries, in order of their first occurrence.
  public let entries: [Entry]
  /// Repeated entries, as written the second time.
  public let repeated: [String]

  /// Parses a list.
  /// - Parameters:
  ///   - text: for example `35,25,15`; white space around entries is ignored.
  ///   - separators: characters that separate entries.
  ///   - entry: parses one entry; nil if invalid.
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

/// An error in a list parsed from text.
public enum ListTextError: Error, Equatable, Sendable {
  /// An entry is empty; `place` is its index, from 1.
  case emptyEntry(place: Int)
  /// An entry is not valid.
  case unknownEntry(String)
}

/// A list of layers parsed from text: `16-18-20`, `16,18` or `none`.
public enum LayerListText {
  /// Maximum layer number in a list.
  public static let mostLayers = 99_999

  /// Parses a list of layers; the result is ascending and distinct, and empty for `none`.
  /// - Parameter last: number of the last layer; below 1 no layer is valid.
  /// - Throws: `ListTextError`.
  public static func layers(_ text: String, last: Int = mostLayers) throws(ListTextError) -> [Int] {
    if text.trimmed.lowercased() == "none" { return [] }
    return try ListText(separated(text), separators: separators) { entry in
      // `Int` would also accept a sign.
      Int(entry).flatMap { entry.first?.isNumber == true && $0 >= 1 && $0 <= last ? $0 : nil }
    }.entries.sorted()
  }

  private static let separators = "-,"

  /// Replaces white space between layers by a separator.
  private static func separated(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).reduce(into: "") { joined, word in
      let isSeparated =
        joined.last.map(separators.contains) ?? true || word.first.map(separators.contains) ?? true
      joined += (isSeparated ? "" : ",") + word
    }
  }

  /// Formats layers as a list that can be parsed again.
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
