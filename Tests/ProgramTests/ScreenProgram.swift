import Foundation
import TestSupport
import Testing

/// How `seats-top` is started in a terminal.
struct ScreenProgram {
  var model = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path
  var clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path
  var options = ["--max-new-tokens", "8", "--ignore-eos"]
  /// Another command than the screen, with its arguments.
  var command: [String]?
  /// Variables to set: `NO_COLOR=1`.
  var environment: [String] = []
  /// Variables to take away.
  var unset: [String] = []
  /// Words before the program, which starts it: `unshare -rm`.
  var through: [String] = []
  /// Of the shell: `<&-`.
  var redirection = ""

  var arguments: [String] { ["--model", model, clip] + options }

  /// A shell script that becomes the program, and says under which number.
  fileprivate var script: String {
    let gone = (["NO_COLOR", "SEATS_TOP_CONFIG"] + unset).flatMap { ["-u", $0] }
    let kept = ["LC_ALL=C.UTF-8", "TERM=screen-256color", "XDG_STATE_HOME=/dev/null"].filter {
      variable in
      !unset.contains { variable.hasPrefix($0 + "=") }
    }
    let words =
      ["env"] + gone + kept + environment + through + [Program.path] + (command ?? arguments)
    let command = words.map(Self.quoted).joined(separator: " ")
    return "echo $$ > pid\nexec \(command) \(redirection)\n"
  }

  private static func quoted(_ word: String) -> String {
    "'" + word.replacingOccurrences(of: "'", with: #"'\''"#) + "'"
  }
}

extension TmuxSession {
  /// Starts the program from the shell, which notes the terminal's modes before and after, and the
  /// exit code.
  func start(_ program: ScreenProgram = ScreenProgram()) async throws {
    try scratch.write("program", Data(program.script.utf8))
    try scratch.write("start", Data("stty -g > before\nsh ./program\n\(Self.ending)".utf8))
    try scratch.write("continue", Data("fg\n\(Self.ending)".utf8))
    try await press(". ./start", "Enter")
  }

  /// Starts the program and waits until it stands before layer 1.
  func startPaused(_ program: ScreenProgram = ScreenProgram()) async throws {
    try await start(program)
    try await sees("paused before layer 1")
  }

  /// Brings the stopped program back.
  func bringBack() async throws {
    try FileManager.default.removeItem(at: scratch.url.appending(path: "ended"))
    try await press(". ./continue", "Enter")
  }

  /// In one piece: a file that is there is complete.
  private static let ending = """
    code=$?
    stty -g > after
    echo $code > ending
    mv ending ended
    echo "[exit $code]"

    """

  /// The program's process.
  func process(at location: SourceLocation = #_sourceLocation) async throws -> pid_t {
    let text = try await file("pid", at: location)
    return try #require(pid_t(text.trimmedLine), sourceLocation: location)
  }

  func send(_ signal: Int32, at location: SourceLocation = #_sourceLocation) async throws {
    #expect(kill(try await process(at: location), signal) == 0, sourceLocation: location)
  }

  /// The program has given the terminal back: exit code (148: stopped), modes and main screen.
  func expectEnd(_ code: Int32, at location: SourceLocation = #_sourceLocation) async throws {
    let ended = try await file("ended", at: location).trimmedLine
    let pane = try await wait(for: "the shell", at: location) { $0.contains("[exit \(ended)]") }
    #expect(ended == "\(code)", "\(pane)", sourceLocation: location)
    #expect(try await value("alternate_on") == "0", "\(pane)", sourceLocation: location)
    #expect(try await value("cursor_flag") == "1", "\(pane)", sourceLocation: location)
    #expect(try await value("keypad_flag") == "0", "\(pane)", sourceLocation: location)
    let (before, after) = (try await file("before"), try await file("after"))
    #expect(before == after, "\(pane)", sourceLocation: location)
  }
}

extension TmuxSession {
  /// Presses a key that ends or stops the program; again where nothing came of it for a while: on a
  /// machine with nothing to spare, a key sent to a pane was seen not to arrive.
  func pressUntilItEnds(_ key: String, _ code: Int32) async throws {
    let ended = scratch.url.appending(path: "ended").path
    for _ in 0..<4 where !FileManager.default.fileExists(atPath: ended) {
      try await press(key)
      let deadline = ContinuousClock.now + .seconds(10)
      while ContinuousClock.now < deadline, !FileManager.default.fileExists(atPath: ended) {
        try await Task.sleep(for: .milliseconds(15))
      }
    }
    try await expectEnd(code)
  }
}

extension pid_t {
  /// What the kernel says of the process after its name: state, parent, …
  private var status: [Substring] {
    let text = try? String(contentsOfFile: "/proc/\(self)/stat", encoding: .utf8)
    return text?.split(separator: ")").last?.split(separator: " ") ?? []
  }

  /// There is such a process, and it has not ended (Z) waiting for its parent.
  var isAlive: Bool { kill(self, 0) == 0 && (status.first ?? "Z") != "Z" }

  /// Stopped by a signal.
  var isStopped: Bool { status.first == "T" }

  /// Processor time used, in clock ticks.
  var ticks: Int { status.dropFirst(11).prefix(2).compactMap { Int($0) }.reduce(0, +) }
}
