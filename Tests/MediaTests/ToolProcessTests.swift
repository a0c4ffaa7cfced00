import Foundation
import Testing

@testable import Media

struct ToolProcessTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func process(_ script: String) throws -> ToolProcess {
    try directory.script("tool", script)
    return try ToolProcess("\(directory.path)/tool", [], environment: [], input: nil)
  }

  private func isGone(_ name: String) throws -> Bool {
    let text = try String(contentsOfFile: "\(directory.path)/\(name)", encoding: .utf8)
    let process = try #require(pid_t(text.trimmed))
    // A process that is no child of ours leaves a zombie until somebody else waits for it.
    for _ in 0..<200 {
      if kill(process, 0) == -1 { return true }
      let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
      if status.contains(") Z ") { return true }
      usleep(10_000)
    }
    return false
  }

  @Test func `running a tool returns its output, error output and exit status`() async throws {
    let process = try process("echo words; echo trouble >&2; exit 3")
    var output: [UInt8] = []
    while true {
      switch await process.next(patience: .seconds(60)) {
      case .output(let piece):
        output += piece
        continue
      case .ended(let ending): #expect(ending == .exit(3))
      case .silent: Issue.record("silent")
      }
      break
    }
    await process.finish()
    #expect(String(decoding: output, as: UTF8.self) == "words\n")
    #expect(process.stderrTail.causeLine == "trouble")
  }

  @Test func `stopping a tool ends all its child processes`() async throws {
    let process = try process(
      "/bin/sleep 600 & echo $! > \(directory.path)/child; echo ready; exec /bin/sleep 600")
    guard case .output = await process.next(patience: .seconds(60)) else {
      Issue.record("the script did not start")
      return
    }
    await process.finish()
    #expect(try isGone("child"))
  }

  @Test func `a tool that cannot be started is an error with the reason`() throws {
    let error = #expect(throws: ToolStartError.self) {
      try ToolProcess("\(directory.path)/none", [], environment: [], input: nil)
    }
    #expect(error?.code == ENOENT)
  }

  @Test func `a tool inherits only the standard descriptors and its input`() async throws {
    let file = try directory.write("input", "content")
    let source = try SourceFile(file)
    try directory.script("tool", "/bin/ls /proc/self/fd; exec /bin/cat /proc/self/fd/3")
    let process = try ToolProcess(
      "\(directory.path)/tool", [], environment: [], input: source.descriptor)
    var output: [UInt8] = []
    while case .output(let piece) = await process.next(patience: .seconds(60)) { output += piece }
    await process.finish()
    // `ls` opens the directory itself.
    #expect(String(decoding: output, as: UTF8.self) == "0\n1\n2\n3\n4\ncontent")
  }

  @Test func `time while the program is stopped does not count to a tool timeout`() {
    let start = ContinuousClock.now
    var clock = StallTimer(patience: .seconds(60), longestStep: .milliseconds(250), now: start)
    // Stopped, or suspended, for three days.
    let looks = [Duration.milliseconds(200), .seconds(3 * 86_400), .seconds(3 * 86_400 + 59)]
    #expect(looks.map { clock.isPatienceOver(now: start + $0) } == [false, false, false])
  }

  @Test func `a tool without output is stopped after the timeout`() {
    let start = ContinuousClock.now
    var clock = StallTimer(patience: .seconds(3), longestStep: .milliseconds(250), now: start)
    let answers = (1...15).map { clock.isPatienceOver(now: start + .milliseconds(200 * $0)) }
    #expect(answers == [Bool](repeating: false, count: 14) + [true])
  }
}
