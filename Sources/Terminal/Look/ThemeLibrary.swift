import Foundation

/// The themes that can be chosen, by name: those of `themes/` directories, and `ansi`, which is
/// always there.
public struct ThemeLibrary: Sendable, Equatable {
  private let files: [String: ThemeFile]
  /// Names in the order `t` cycles through: ansi first, then by name.
  public let names: [String]
  /// What was not understood while reading the files.
  public private(set) var warnings: [ThemeWarning]

  /// Reads every `*.toml` of these directories; of two files of one name the first counts.
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

  /// Nil for what is no regular file of text, such as a pipe, which would be waited for.
  private static func text(_ url: URL) -> String? {
    let file = url.resolvingSymlinksInPath()
    let values = try? file.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
    guard values?.isRegularFile == true, let size = values?.fileSize else { return nil }
    // One byte too many is enough to be refused.
    guard size <= ThemeFile.sizeLimit else {
      return String(repeating: " ", count: ThemeFile.sizeLimit + 1)
    }
    return try? String(contentsOf: file, encoding: .utf8)
  }

  /// A library of texts that were read already; nil where a file could not be.
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

  /// The theme of this name with all it inherits; nil where there is none.
  public func theme(named name: String) -> Theme? {
    if files[name] == nil { return name == "ansi" ? .ansi : nil }
    var styles: [Role: Style] = [:]
    for ancestor in lineage(of: name).names {
      styles.merge(files[ancestor]?.styles ?? [:]) { nearer, _ in nearer }
    }
    return Theme(name: name, styles: styles)
  }

  /// The theme after this one, around the end.
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
