import Foundation

/// Tells files of ours by how they begin, so that nothing else is ever touched.
enum OwnFormat: Equatable {
  /// Nothing is there.
  case empty
  /// A file of this format and version.
  case current
  /// An earlier version; its name in the file.
  case earlier(String)
  /// A later version; its name in the file.
  case later(String)
  /// The first line was being written when its writer was ended: nothing of worth is there.
  case unfinished
  case foreign

  /// - Parameters:
  ///   - firstLine: up to its line feed, or all there is.
  ///   - isWhole: the line has its end.
  ///   - name: the format as the line names it; nil where it names none.
  ///   - family: what all versions begin with: `seats-top/sweep/`.
  ///   - version: that is written now.
  ///   - beginnings: how a first line begins, `#` standing for any letters, digits and hyphens.
  init(
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

  /// Whether bytes are a beginning of the template, or go on behind it.
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
