import Foundation

/// Removes folders from paths in a text and keeps file names. It removes known folders (home,
/// working directory, the clip's folder) and the folders of all other absolute paths.
struct KnownFolders: Sendable {
  /// Known folders, each ending with a slash, longest first.
  private var prefixes: [String] = []

  init(
    home: String? = ProcessInfo.processInfo.environment["HOME"],
    here: String = FileManager.default.currentDirectoryPath
  ) {
    for folder in [home ?? "", here] where folder.hasPrefix("/") { add(folder) }
  }

  /// The last component of a path; for `/` the path itself.
  static func name(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// Adds the folder of this file to the known folders.
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
    // Known folders are replaced first, because they may contain spaces, which otherwise end a
    // path.
    let known = prefixes.reduce(text) { $0.replacing($1, with: "/") }
    return Self.shortened(known)
  }

  /// Replaces absolute paths, and paths that start with `~` or `..`, by their last component.
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
    // After a number or a unit a slash is a fraction, and after a name it is part of the name.
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
