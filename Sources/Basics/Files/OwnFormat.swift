import Foundation

/// Recognises the program's own files by their first line, so that others are never overwritten.
public enum OwnFormat: Equatable {
  /// An empty file.
  case empty
  /// A file of this format and version.
  case current
  /// An earlier version, by its name in the file.
  case earlier(String)
  /// A later version, by its name in the file.
  case later(String)
  /// A truncated first line: nothing to preserve.
  case unfinished
  case foreign

  /// - Parameters:
  ///   - firstLine: up to its line feed, or the whole file.
  ///   - isWhole: whether the line is complete.
  ///   - name: the format stated in the line; nil if none.
  ///   - family: prefix of all versions: `seats-top/sweep/`.
  ///   - version: the current version.
  ///   - beginnings: templates of a first line, with `#` for letters, digits and hyphens.
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

  /// Whether bytes are a prefix of the template, or start with it.
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
