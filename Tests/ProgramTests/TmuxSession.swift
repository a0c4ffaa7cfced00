import Foundation
import Subprocess
import Testing

/// A shell in the only pane of a tmux server of its own.
struct TmuxSession {
  /// Where the shell stands and the server listens; gone with the session.
  let scratch: Scratch

  static let isInstalled: Bool = {
    let path = ProcessInfo.processInfo.environment["PATH", default: "/usr/bin:/bin"]
    return path.split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/tmux")
    }
  }()

  /// Opens a session, and ends its server however `body` ends.
  static func open(
    columns: Int = 100, rows: Int = 30, _ body: (TmuxSession) async throws -> Void
  ) async throws {
    let session = TmuxSession(scratch: try Scratch())
    func end() async { _ = try? await session.tmux("kill-server") }
    do {
      try await session.tmux(
        "new-session", "-d", "-s", "main", "-x", "\(columns)", "-y", "\(rows)", "-c",
        session.scratch.url.path, "sh")
      // Keys that come before the prompt would be echoed into what follows it.
      try await session.wait(for: "a prompt") { !$0.trimmedLine.isEmpty }
      try await body(session)
    } catch {
      await end()
      throw error
    }
    await end()
  }

  /// Runs a tmux command on this server.
  @discardableResult
  func tmux(_ command: String...) async throws -> String { try await tmux(command) }

  /// The same.
  @discardableResult
  func tmux(_ command: [String]) async throws -> String {
    let result = try await Subprocess.run(
      .name("env"),
      arguments: Arguments(
        [
          "-u", "TMUX", "LC_ALL=C.UTF-8", "tmux", "-u", "-S", scratch.path("tmux"), "-f",
          "/dev/null",
        ] + command),
      output: .string(limit: 4 << 20), error: .string(limit: 1 << 16))
    return result.standardOutput
  }

  /// Presses keys by tmux's names: `n`, `Space`, `C-c`.
  func press(_ keys: String...) async throws {
    for key in keys { try await tmux("send-keys", "-t", "main", "--", key) }
  }

  func resize(columns: Int, rows: Int) async throws {
    try await tmux("resize-window", "-t", "main", "-x", "\(columns)", "-y", "\(rows)")
  }

  /// What the pane shows.
  func text() async throws -> String {
    try await tmux("capture-pane", "-p", "-t", "main")
  }

  /// A variable of tmux: `alternate_on`.
  func value(_ variable: String) async throws -> String {
    try await tmux("display-message", "-p", "-t", "main", "#{\(variable)}").trimmedLine
  }

  /// Writes every byte that reaches the terminal from now on to a file of the scratch directory.
  func recordBytes(to file: String) async throws {
    try await tmux("pipe-pane", "-t", "main", "cat > '\(scratch.path(file))'")
  }
}

extension TmuxSession {
  /// Polls until the pane is as wanted; a picture of it is part of the errorOutput otherwise.
  /// - Returns: what the pane then shows.
  @discardableResult
  func wait(
    for what: String, at location: SourceLocation = #_sourceLocation,
    until isThere: (String) throws -> Bool
  ) async throws -> String {
    try await poll("never came: \(what)", at: location) {
      let pane = try await text()
      return try isThere(pane) ? pane : nil
    }
  }

  /// Waits until all of these texts are on the screen.
  @discardableResult
  func sees(
    _ texts: String..., at location: SourceLocation = #_sourceLocation
  ) async throws -> String {
    try await wait(for: "\(texts)", at: location) { pane in texts.allSatisfy(pane.contains) }
  }

  /// Waits until a text is no longer on the screen.
  func losesSight(of text: String, at location: SourceLocation = #_sourceLocation) async throws {
    try await wait(for: "the end of \(text)", at: location) { !$0.contains(text) }
  }

  /// Waits for a file of the scratch directory.
  func file(
    _ name: String, at location: SourceLocation = #_sourceLocation,
    until isComplete: (String) -> Bool = { !$0.isEmpty }
  ) async throws -> String {
    try await poll("never came: file \(name)", at: location) {
      let data = try? Data(contentsOf: scratch.url.appending(path: name))
      let text = data.map { String(decoding: $0, as: UTF8.self) }
      return text.flatMap { isComplete($0) ? $0 : nil }
    }
  }

  /// Asks again and again until there is an answer.
  func poll<Answer>(
    _ errorOutput: String, at location: SourceLocation = #_sourceLocation,
    question: () async throws -> Answer?
  ) async throws -> Answer {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
      if let answer = try await question() { return answer }
      // Between two looks the program needs the processor more than we do.
      try await Task.sleep(for: .milliseconds(15))
    }
    let answer = try await question()
    let pane = (try? await text()) ?? "(no pane)"
    return try #require(answer, "\(errorOutput)\n\(pane)", sourceLocation: location)
  }
}

extension String {
  var trimmedLine: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
