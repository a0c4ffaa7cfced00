import Foundation

/// Takes out of text where files lie, and leaves their names: folders that are known (home, the working
/// directory, that of the clip), and whatever else looks like a path.
struct KnownFolders: Sendable {
  /// With a slash at the end, the longest first.
  private var prefixes: [String] = []

  init(
    home: String? = ProcessInfo.processInfo.environment["HOME"],
    here: String = FileManager.default.currentDirectoryPath
  ) {
    for folder in [home ?? "", here] where folder.hasPrefix("/") { add(folder) }
  }

  /// The last part of a path; for `/` and the like the path itself.
  static func name(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// What lies in the folder of this file is named without it from now on.
  mutating func add(folderOf path: String) {
    guard let end = path.dropLast(while: { $0 == "/" }).lastIndex(of: "/") else { return }
    add(String(path[..<end]))
  }

  private mutating func add(_ folder: String) {
    let folder = String(folder.dropLast(while: { $0 == "/" }))
    guard !folder.isEmpty, folder != ".", folder != ".." else { return }
    prefixes.append(folder + "/")
    prefixes.sort { $0.utf8.count > $1.utf8.count }
  }

  func removed(from text: String) -> String {
    guard text.contains("/") else { return text }
    // Folders may hold spaces, which the end of a path in a sentence cannot be told from.
    let known = prefixes.reduce(text) { $0.replacing($1, with: "/") }
    return Self.shortened(known)
  }

  /// Absolute paths, and those that begin at the home folder or above, as names.
  private static func shortened(_ text: String) -> String {
    var (result, rest) = ("", text[...])
    while let start = rest.firstIndex(where: { $0 == "/" || $0 == "~" || $0 == "." }) {
      let before = start > rest.startIndex ? rest[rest.index(before: start)] : result.last
      let path = rest[start...].prefix { !$0.isWhitespace && !"\"'`,;:()[]{}<>".contains($0) }
      result += rest[..<start]
      result += mayBegin(path, after: before) ? name(String(path)) : String(path)
      rest = rest[path.endIndex...]
    }
    return result + rest
  }

  private static func mayBegin(_ path: Substring, after before: Character?) -> Bool {
    // After a number or a unit it is a fraction, after a name a part of that.
    if let before, !before.isWhitespace, !"\"'`(=:[{,;<".contains(before) { return false }
    if path.hasPrefix("//"), !path.hasPrefix("///") { return false }
    return ["/", "~/", "../"].contains { path.hasPrefix($0) && path.count > $0.count }
  }
}

extension StringProtocol {
  fileprivate func dropLast(while predicate: (Character) -> Bool) -> SubSequence {
    var end = endIndex
    while end > startIndex, predicate(self[index(before: end)]) { end = index(before: end) }
    return self[..<end]
  }
}
