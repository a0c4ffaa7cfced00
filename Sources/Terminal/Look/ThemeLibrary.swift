import Foundation

/// All available themes by name: those in `themes/` directories, and the built-in `ansi`.
public struct ThemeLibrary: Sendable, Equatable {
  private let files: [String: ThemeFile]
  /// Names of the themes in the order in which the key `t` selects them: `ansi`, then alphabetical.
  public let names: [String]
  /// Problems in the theme files.
  public private(set) var warnings: [ThemeWarning]

  /// Reads every `*.toml` file in these directories; of two files with the same name, the first is
  /// used.
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

  /// Text of a theme file; nil if it is not a regular file, because a pipe would block.
  private static func text(_ url: URL) -> String? {
    let file = url.resolvingSymlinksInPath()
    let values = try? file.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
    guard values?.isRegularFile == true, let size = values?.fileSize else { return nil }
    // A file over the size limit is refused without reading it.
    guard size <= ThemeFile.sizeLimit else {
      return String(repeating: " ", count: ThemeFile.sizeLimit + 1)
    }
    return try? String(contentsOf: file, encoding: .utf8)
  }

  /// A library of theme texts.
  /// - Parameter texts: name, file name and text of each theme; the text is nil if the file cannot
  ///   be read.
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

  /// The theme of this name, with its inherited styles; nil if unknown.
  public func theme(named name: String) -> Theme? {
    if files[name] == nil { return name == "ansi" ? .ansi : nil }
    var styles: [Role: Style] = [:]
    for ancestor in lineage(of: name).names {
      styles.merge(files[ancestor]?.styles ?? [:]) { nearer, _ in nearer }
    }
    return Theme(name: name, styles: styles)
  }

  /// Name of the theme after this one; after the last one, the first.
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
