import Foundation

/// Available themes by name: those of `themes/` directories, and the built-in `ansi`.
public struct ThemeLibrary: Sendable, Equatable {
  private let files: [String: ThemeFile]
  /// Names in the order of `t`: ansi first, then alphabetical.
  public let names: [String]
  /// Problems found in the files.
  public private(set) var warnings: [ThemeWarning]

  /// Reads every `*.toml` of these directories; of two files with one name the first is used.
  public init(directories: [URL]) {
    var texts: [(name: String, file: String, source: String?)] = []
    for directory in directories {
      let found =
        (try? FileManager.default.contentsOfDirectory(
          at: directory, includingPropertiesForKeys: nil)) ?? []
      for url in found.filter({ $0.pathExtension == "toml" }).sorted(by: { $0.path < $1.path }) {
        let name = url.deletingPathExtension().lastPathComponent
        texts.append((name, url.path, Self.text(url)))
      }
    }
    self.init(texts)
  }

  /// The text of a regular file; nil for others, such as a pipe, which would block.
  private static func text(_ url: URL) -> String? {
    let file = url.resolvingSymlinksInPath()
    let values = try? file.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
    guard values?.isRegularFile == true, let size = values?.fileSize else { return nil }
    // Refuses a file over the limit unread.
    guard size <= ThemeFile.sizeLimit else {
      return String(repeating: " ", count: ThemeFile.sizeLimit + 1)
    }
    return try? String(contentsOf: file, encoding: .utf8)
  }

  /// A library of the given texts; a nil source is an unreadable file.
  public init(_ texts: [(name: String, file: String, source: String?)]) {
    var files: [String: ThemeFile] = [:]
    var warnings: [ThemeWarning] = []
    for (name, path, source) in texts where files[name] == nil {
      guard let source else {
        warnings.append(ThemeWarning(file: path, line: 1, problem: .unreadable))
        continue
      }
      let file = ThemeFile(source, file: path)
      files[name] = file
      warnings += file.warnings
    }
    self.files = files
    names = ["ansi"] + files.keys.filter { $0 != "ansi" }.sorted()
    self.warnings = warnings
    for (name, path, _) in texts { checkAncestors(of: name, path) }
  }

  /// The theme of this name with its inherited styles; nil if unknown.
  public func theme(named name: String) -> Theme? {
    if files[name] == nil { return name == "ansi" ? .ansi : nil }
    var styles: [Role: Style] = [:]
    for ancestor in lineage(of: name).names {
      styles.merge(files[ancestor]?.styles ?? [:]) { nearer, _ in nearer }
    }
    return Theme(name: name, styles: styles)
  }

  /// The next theme, cyclically.
  public func name(after name: String) -> String {
    let index = names.firstIndex(of: name) ?? -1
    return names[(index + 1) % names.count]
  }

  private func lineage(of name: String) -> (names: [String], isCircle: Bool) {
    var line: [String] = []
    var next: String? = name
    while let current = next {
      guard !line.contains(current) else { return (line, true) }
      line.append(current)
      next = files[current]?.inherits
    }
    return (line, false)
  }

  private mutating func checkAncestors(of name: String, _ path: String) {
    guard let parent = files[name]?.inherits else { return }
    if files[parent] == nil, parent != "ansi" {
      warnings.append(ThemeWarning(file: path, line: 1, problem: .unknownTheme(parent)))
    }
    let line = lineage(of: name)
    if line.isCircle {
      warnings.append(ThemeWarning(file: path, line: 1, problem: .circle(line.names)))
    }
  }
}
