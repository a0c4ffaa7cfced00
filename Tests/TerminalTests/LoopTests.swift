import Basics
import Testing

@testable import Terminal

struct LoopTests {
  @Test func `a key is drawn at once, at most 30 frames per second on average`() {
    var pacer = FramePacer()
    var drawn = 0
    var now = Duration.zero
    while now < .seconds(2) {
      if pacer.delay(at: now, isUrgent: true) == .zero {
        pacer.spend(at: now)
        drawn += 1
      }
      now += .milliseconds(1)
    }
    #expect(drawn <= 62)
    #expect(drawn >= 58)
  }

  @Test func `periodic frames never delay the handling of a key`() {
    var pacer = FramePacer()
    var now = Duration.zero
    for _ in 0..<500 {
      if pacer.delay(at: now, isUrgent: false) == .zero { pacer.spend(at: now) }
      #expect(pacer.delay(at: now, isUrgent: true) <= .microseconds(1))
      now += .milliseconds(7)
    }
  }

  @Test func `mailbox messages are delivered in order and the pipe emptied`() {
    let mailbox = Mailbox<Int>(hasDescriptor: true)
    for number in 0..<100 { mailbox.push(number) }
    #expect(mailbox.drain() == Array(0..<100))
    #expect(mailbox.drain() == [])
  }

  private struct Counter: Program {
    struct Effect: LoopEffect { let directive: LoopDirective? }
    var seen: [String] = []
    var tick: Duration? { nil }

    mutating func update(_ event: LoopEvent<String>) -> [Effect] {
      switch event {
      case .key(.character("q")): return [Effect(directive: .quit(7))]
      case .message(let text): seen.append(text)
      case .key, .mouse, .pasted, .resized, .interrupted, .resumed, .clock: break
      }
      return []
    }

    func render(size: Size, look: Look) -> Frame { Frame(size: size, look: look) }
  }

  /// Plays a list of inputs and records what it is shown.
  private final class ScriptedDisplay: Display {
    var script: [[InputEvent]]
    var frames = 0
    let size = Size(width: 8, height: 2)

    init(_ script: [[InputEvent]]) { self.script = script }

    func wait(upTo timeout: Duration?, wake: Int32?) -> [InputEvent] {
      script.isEmpty ? [.hungUp] : script.removeFirst()
    }
    func show(_ frame: Frame) { frames += 1 }
    func repaint() {}
    func suspend() {}
  }

  private func run(_ script: [[InputEvent]]) -> (code: Int32, seen: [String], frames: Int) {
    let mailbox = Mailbox<String>(hasDescriptor: true)
    mailbox.push("hello")
    let display = ScriptedDisplay(script)
    var loop = EventLoop(
      Counter(), on: display, mailbox: mailbox, look: { _ in Look() }, perform: { _ in })
    let code = loop.run()
    return (code, loop.program.seen, display.frames)
  }

  @Test func `the event loop ends with the exit code of program or signal`() {
    #expect(run([[], [.key(.character("q"))]]).code == 7)
    #expect(run([[.terminated(15)]]).code == 143)
    #expect(run([]).code == 129)
  }

  @Test func `messages that change nothing draw no frame`() {
    let result = run([[], [], [], [.key(.character("q"))]])
    #expect(result.seen == ["hello"])
    #expect(result.frames <= 2)
  }
}
