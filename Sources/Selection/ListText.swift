/// A typed list: entries with single separators, none empty, each once. The format of every list in
/// options, forms and files.
public struct ListText<Entry: Equatable> {
  /// Distinct entries, in order of first occurrence.
  public let entries: [Entry]
  /// Repeated entries, as typed the second time.
  public let repeated: [String]

  /// - Parameters:
  ///   - text: `35,25,15`; white space around entries is ignored.
  ///   - separators: the characters between entries.
  ///   - entry: parses an entry; nil if invalid.
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

/// A fault in a typed list.
public enum ListTextError: Error, Equatable, Sendable {
  /// An empty entry, by its index from 1.
  case emptyEntry(place: Int)
  /// An invalid entry.
  case unknownEntry(String)
}

/// A typed list of layers: `16-18-20`, `16,18` or `none`.
public enum LayerListText {
  /// Upper bound of a layer number.
  public static let mostLayers = 99_999

  /// The layers, ascending and distinct; empty for `none`.
  /// - Parameter last: the last layer; below 1 there are none.
  /// - Throws: `ListTextError`.
  public static func layers(_ text: String, last: Int = mostLayers) throws(ListTextError) -> [Int] {
    if text.trimmed.lowercased() == "none" { return [] }
    return try ListText(separated(text), separators: separators) { entry in
      // Int would also accept a sign.
      Int(entry).flatMap { entry.first?.isNumber == true && $0 >= 1 && $0 <= last ? $0 : nil }
    }.entries.sorted()
  }

  private static let separators = "-,"

  /// Accepts white space between layers as separator.
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
