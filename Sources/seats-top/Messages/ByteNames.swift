import Foundation
import Sessions
import Synchronization

/// File names that are not valid UTF-8. The program handles names as text, so it opens such a file
/// through a symbolic link with a valid name; in messages, `�` stands for invalid bytes.
///
/// The links are in a temporary directory, which exists only during the run.
enum ByteNames {
  private struct Link {
    /// Folder of the link, ending with a slash, and the text shown instead of it.
    let place, folder: String
  }

  private struct State {
    var directory: String?
    var links: [Link] = []
    /// Paths of links and directories, in order of creation.
    var made: [String] = []
  }

  private static let state = Mutex(State())

  /// The command-line arguments. An argument that is not UTF-8, also after `--option=`, is replaced
  /// by the path of a link to the file it names.
  static func arguments() -> [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map {
        text(of: Array(UnsafeBufferPointer(start: $0, count: strlen($0))))
      }
    }
  }

  private static func text(of argument: [CChar]) -> String {
    let bytes = argument.map { UInt8(bitPattern: $0) }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    let dashes = Array("--".utf8)
    if bytes.starts(with: dashes), let equals = bytes.firstIndex(of: UInt8(ascii: "=")),
      let option = String(validating: bytes[...equals], as: UTF8.self)
    {
      return option + path(of: Array(bytes[(equals + 1)...]))
    }
    return bytes.starts(with: dashes) ? String(decoding: bytes, as: UTF8.self) : path(of: bytes)
  }

  /// Path of a link to the file `name`; if no link can be created, the name with replacement
  /// characters.
  private static func path(of name: [UInt8]) -> String {
    var name = name
    while name.count > 1, name.last == UInt8(ascii: "/") { name.removeLast() }
    let end = name.lastIndex(of: UInt8(ascii: "/"))
    let folder = end.map { Array(name[..<$0]) } ?? []
    let last = Array(name[(end.map { $0 + 1 } ?? 0)...])
    return state.withLock { state in
      let shown = String(decoding: name, as: UTF8.self)
      guard let directory = state.directory ?? makeDirectory() else { return shown }
      state.directory = directory
      let place = "\(directory)/\(state.links.count + 1)"
      let lastText = String(decoding: last, as: UTF8.self)
      var isLinked = false
      if String(validating: last, as: UTF8.self) != nil {
        // If the folder's name is invalid, the folder is linked, so that other files in it are
        // found too.
        isLinked = link(place, to: folder)
        if isLinked { state.made.append(place) }
      } else if mkdir(place, 0o700) == 0 {
        state.made.append(place)
        isLinked = link("\(place)/\(lastText)", to: name)
        if isLinked { state.made.append("\(place)/\(lastText)") }
      }
      guard isLinked else { return shown }
      let shownFolder = end == nil ? "" : String(decoding: folder, as: UTF8.self) + "/"
      state.links.append(Link(place: place + "/", folder: safe(shownFolder)))
      return "\(place)/\(lastText)"
    }
  }

  private static func makeDirectory() -> String? {
    let environment = ProcessInfo.processInfo.environment
    let wishes = ["XDG_RUNTIME_DIR", "TMPDIR"].compactMap { environment[$0] }
    let usable = wishes.filter { $0.hasPrefix("/") && access($0, W_OK) == 0 }
    let parent = usable.first ?? "/tmp"
    var path = Array("\(parent)/seats-top-names-XXXXXX".utf8CString)
    guard mkdtemp(&path) != nil else { return nil }
    return String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func link(_ place: String, to name: [UInt8]) -> Bool {
    var target = name
    if target.first != UInt8(ascii: "/") {
      var here = [CChar](repeating: 0, count: Int(PATH_MAX))
      guard getcwd(&here, here.count) != nil else { return false }
      target = here.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) } + [UInt8(ascii: "/")] + target
    }
    return symlink(target.map { CChar(bitPattern: $0) } + [0], place) == 0
  }

  /// The text without characters that would end a JSON string.
  private static func safe(_ text: String) -> String {
    String(text.map { $0 == "\"" || $0 == "\\" ? "\u{fffd}" : $0 })
  }

  /// The text with paths of links replaced by the names they stand for.
  static func shown(_ text: String) -> String {
    state.withLock { state in
      state.links.reduce(text) { $0.replacing($1.place, with: $1.folder) }
    }
  }

  /// The data with paths of links replaced by the names they stand for.
  static func shown(_ data: Data) -> Data {
    guard state.withLock({ !$0.links.isEmpty }) else { return data }
    return Data(shown(String(decoding: data, as: UTF8.self)).utf8)
  }

  /// Removes all links.
  static func forget() {
    state.withLock { state in
      guard let directory = state.directory else { return }
      // Each link is removed by its own path, so that the linked files are not deleted.
      for made in state.made.reversed() where unlink(made) != 0 { rmdir(made) }
      rmdir(directory)
      state = State()
    }
  }
}

extension SessionEvent {
  /// The event as shown on the screen and in traces: errors as error messages, and original names
  /// instead of links.
  var shown: SessionEvent {
    guard case .opened(var subject, let settings, let plan) = self else {
      return worded(ErrorMessage.describing)
    }
    subject.clip.source = ByteNames.shown(subject.clip.source)
    return .opened(subject, settings: settings, plan: plan)
  }
}
