import Foundation

/// Recognises files that this program has written by their first line, so that other files are
/// never overwritten.
public enum OwnFormat: Equatable {
  /// The file is empty.
  case empty
  /// A file of the expected format in its current version.
  case current
  /// A file in an earlier version of the format, with the version as stated.
  case earlier(String)
  /// A file in a later version of the format, with the version as stated.
  case later(String)
  /// A file whose first line is truncated, so that it contains nothing to preserve.
  case unfinished
  case foreign

  /// Determines the format of a file.
  /// - Parameters:
  ///   - firstLine: text up to the first line feed, or the whole file.
  ///   - isWhole: whether the line is complete.
  ///   - name: the format stated in the line; nil if none.
  ///   - family: prefix of all versions of the format: `seats-top/sweep/`.
  ///   - version: the current version.
  ///   - beginnings: templates of a first line, in which `#` stands for letters, digits and
  ///     hyphens.
  public init(
    firstLine: Data, isWhole: Bool, name: String?, family: String, version: Int,
    beginnings: [String]
  ) {
    guard !firstLine.isEmpty else {
      self = isWhole ? .foreign : .empty
      return
    }
    if let name, name.hasPrefix(family), let found = Int(name.dropFirst(family.count)) {
      self = found == version ? .current : found > version ? .later(name) : .earlier(name)
      return
    }
    let isOurs = !isWhole && beginnings.contains { Self.begins(Array(firstLine), Array($0.utf8)) }
    self = isOurs ? .unfinished : .foreign
  }

  /// Whether the bytes start with the template, or are a prefix of it.
  private static func begins(_ bytes: [UInt8], _ template: [UInt8]) -> Bool {
    var rest = bytes[...]
    for byte in template {
      if byte == UInt8(ascii: "#") {
        rest = rest.drop { Self.wildcards.contains($0) }
      } else {
        guard let first = rest.first else { return true }
        guard first == byte else { return false }
        rest = rest.dropFirst()
      }
    }
    return true
  }

  private static let wildcards = Set("abcdefghijklmnopqrstuvwxyz0123456789-".utf8)
}
