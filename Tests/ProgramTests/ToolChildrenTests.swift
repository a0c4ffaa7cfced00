import Foundation
import TestSupport
import Testing

/// Whatever ends the program ends the tools it has started, and what they have started.
@Suite struct `Child processes` {
  /// Tools that give nothing, and note their process and one of their own.
  private func silentTools(_ scratch: Scratch) throws {
    let script = "#!/bin/sh\n/bin/sleep 600 &\necho $$ $! > '\(scratch.path("pids"))'\nwait\n"
    for tool in ["ffmpeg", "ffprobe"] {
      try scratch.write(tool, Data(script.utf8))
      #expect(chmod(scratch.path(tool), 0o755) == 0)
    }
    try scratch.write("clip.mp4", Data("no playlist".utf8))
  }

  private func eventually(_ condition: () -> Bool) async throws -> Bool {
    for _ in 0..<600 where !condition() { try await Task.sleep(for: .milliseconds(50)) }
    return condition()
  }

  private func isGone(_ process: pid_t) -> Bool {
    guard kill(process, 0) == 0 else { return true }
    let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    return status?.contains(") Z ") ?? true
  }

  @Test(arguments: [SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGQUIT])
  func `ffmpeg processes end when the program ends`(signal: Int32) async throws {
    let scratch = try Scratch()
    try silentTools(scratch)
    let program = Process()
    program.executableURL = URL(filePath: Program.path)
    program.arguments = ["report", scratch.path("clip.mp4"), "--question", "W"]
    program.environment = ["PATH": scratch.url.path, "HOME": scratch.url.path]
    program.standardOutput = FileHandle.nullDevice
    program.standardError = FileHandle.nullDevice
    try program.run()
    var pids: [pid_t] = []
    let started = try await eventually {
      let text = (try? String(contentsOfFile: scratch.path("pids"), encoding: .utf8)) ?? ""
      pids = text.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
      return pids.count == 2
    }
    #expect(started)
    kill(program.processIdentifier, signal)
    program.waitUntilExit()
    for pid in pids { #expect(try await eventually { isGone(pid) }, "\(pid) after \(signal)") }
  }

  @Test(.enabled(if: TmuxSession.isInstalled), arguments: ["q", "C-c"])
  func `ffmpeg processes end when the screen closes`(key: String) async throws {
    let scratch = try Scratch()
    try silentTools(scratch)
    try await TmuxSession.open { screen in
      var program = ScreenProgram()
      program.clip = scratch.path("clip.mp4")
      program.environment = ["PATH=\(scratch.url.path)"]
      try await screen.start(program)
      var pids: [pid_t] = []
      let started = try await eventually {
        let text = (try? String(contentsOfFile: scratch.path("pids"), encoding: .utf8)) ?? ""
        pids = text.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
        return pids.count == 2
      }
      #expect(started)
      try await screen.sees("reading the clip")
      try await screen.press(key)
      if key == "C-c" {
        try await screen.sees("^C again")
        try await screen.press(key)
      }
      for pid in pids { #expect(try await eventually { isGone(pid) }, "\(pid) after \(key)") }
    }
  }
}
