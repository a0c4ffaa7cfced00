import Foundation

/// Finds themes, samples and the embedded model: in `$SEATS_TOP_SHARE`, in `../share/seats-top`
/// relative to the executable, or in the source checkout from which the program was built or is
/// run.
struct ShareDirectory {
  /// Directories to search, in order.
  let candidates: [URL]
  /// Folder of the user's themes, `$XDG_CONFIG_HOME/seats-top/themes`.
  private let userThemes: URL?

  init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    // An empty environment variable counts as unset.
    let place = { (name: String) in
      environment[name].flatMap { $0.isEmpty ? nil : URL(filePath: $0) }
    }
    let configuration = place("XDG_CONFIG_HOME") ?? place("HOME")?.appending(path: ".config")
    userThemes = configuration?.appending(path: "seats-top/themes")
    var candidates: [URL] = []
    if let given = place("SEATS_TOP_SHARE") { candidates.append(given) }
    let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    let prefix = executable.deletingLastPathComponent().deletingLastPathComponent()
    candidates.append(prefix.appending(path: "share/seats-top"))
    // A working directory that was removed has no path.
    let here = FileManager.default.currentDirectoryPath
    let places = [executable] + (here.hasPrefix("/") ? [URL(filePath: here)] : [])
    candidates += places.compactMap(Self.checkout(around:))
    self.candidates = candidates
  }

  /// The source checkout that contains a path; nil if there is none.
  private static func checkout(around place: URL) -> URL? {
    var directory = place
    // The loop ends after as many steps as the path has components, because the parents of a
    // relative path never reach `/`.
    for _ in place.pathComponents where directory.path != "/" {
      let manifest = directory.appending(path: "Package.swift").path
      let samples = directory.appending(path: "samples").path
      if FileManager.default.fileExists(atPath: manifest),
        FileManager.default.fileExists(atPath: samples)
      {
        return directory
      }
      directory.deleteLastPathComponent()
    }
    return nil
  }

  /// Theme directories: the installed ones, then the user's.
  var themes: [URL] {
    let shipped = candidates.map { $0.appending(path: "themes") }
      .first { FileManager.default.fileExists(atPath: $0.path) }
    return [shipped, userThemes].compactMap { $0 }
  }

  func embeddedModel() throws(ShareError) -> String {
    try find("samples/model", named: "embedded model").path
  }

  func benchmark() throws(ShareError) -> String {
    try find("samples/benchmark.jsonl", named: "benchmark").path
  }

  func sampleTrace() throws(ShareError) -> String {
    try find("samples/sample.trace.jsonl", named: "sample trace").path
  }

  /// Paths of the sample clips, by name.
  func clips() throws(ShareError) -> [String] {
    let clips = try find("samples/clips", named: "samples")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: clips.path)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted().map { clips.appending(path: $0).path }
  }

  /// Path of the first sample clip, by name.
  func firstClip() throws(ShareError) -> String {
    guard let first = try clips().first else {
      throw .notFound("samples", looked: candidates.map(\.path))
    }
    return first
  }

  private func find(_ path: String, named name: String) throws(ShareError) -> URL {
    let places = candidates.map { $0.appending(path: path) }
    let found = places.first { FileManager.default.fileExists(atPath: $0.path) }
    guard let found else { throw .notFound(name, looked: places.map(\.path)) }
    return found
  }
}

/// A part of the installation is missing.
enum ShareError: Error {
  case notFound(String, looked: [String])
}
