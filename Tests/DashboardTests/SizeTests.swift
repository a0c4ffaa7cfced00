import Sessions
import Terminal
import Testing

@testable import Dashboard

/// Every size from 1×1 up, with texts that want to break out.
struct SizeTests {
  static let hostile = SampleRun(
    title: "漢字かな\u{1b}]0;evil\u{7}\u{202e}👩‍👩‍👧 \u{9b}31m",
    question: String(repeating: "何が見えますか ", count: 20))

  private func scenes() -> [App] {
    let sample = Self.hostile
    var answered = sample.finished
    _ = answered.update(.message(.answered(sample.answer("\u{1b}[2J答え\n👍🏽", ids: [1]))))
    var help = answered
    _ = help.update(.key(.character("?")))
    var details = sample.app(after: 18)
    _ = details.update(.key(.enter))
    var typing = sample.app(after: 18)
    _ = typing.update(.key(.character("e")))
    var log = answered
    _ = log.update(.key(.character("9")))
    var input = answered
    _ = input.update(.key(.character("8")))
    let studies = [Screen.compare, .dependency, .sweep].flatMap {
      [sample.studied($0), sample.studied($0, readings: 30, points: 3)]
    }
    var screens: [App] = []
    for key in ["2", "3"] {
      for steps in [1, 18, 31] {
        var app = sample.app(after: steps)
        _ = app.update(.key(.character(Character(key))))
        screens.append(app)
      }
    }
    var text = screens[4]
    for _ in 0..<40 { _ = text.update(.key(.down)) }
    _ = text.update(.key(.character("r")))
    screens.append(text)
    let small = SampleRun(layers: 1, video: 0, audio: 0, text: 2).app(after: 1)
    var timing = answered
    _ = timing.update(.key(.character("4")))
    var options = answered
    _ = options.update(.key(.character("o")))
    var searching = log
    for key in "/漢字" { _ = searching.update(.key(.character(key))) }
    var breakpoint = sample.app(after: 18)
    _ = breakpoint.update(.key(.character("B")))
    var asking = answered
    for key in "i漢字" { _ = asking.update(.key(.character(key))) }
    var palette = answered
    for key in ":e" { _ = palette.update(.key(.character(key))) }
    var chooser = answered
    _ = chooser.update(.key("O"))
    _ = chooser.update(
      .message(.found(PathMatches("", [OpenPlace(.clip, "/漢字/\u{1b}[2J👍🏽.mp4", group: "recent")]))))
    var questions = answered
    _ = questions.update(.key("Q"))
    return [
      App(), asking, palette, chooser, questions, timing, breakpoint, options, searching,
      sample.app(after: 2), answered, help, details,
      typing, log, input,
      small,
    ] + screens + studies
  }

  @Test(arguments: [Glyphs.utf8, .ascii])
  func `every screen is drawn without overflow at every terminal size`(glyphs: Glyphs) async {
    let look = Look(glyphs: glyphs)
    let widths =
      [1, 2, 3, 7, 39, 40, 41, 60, 79, 80, 81, 100, 117, 118, 120, 160, 250]
    let heights = [1, 2, 5, 9, 10, 11, 12, 14, 20, 24, 25, 40, 60]
    for app in scenes() {
      for width in widths {
        // Tests that wait for something run beside this one.
        await Task.yield()
        for height in heights { check(app, Size(width: width, height: height), look) }
      }
    }
  }

  private func check(_ app: App, _ size: Size, _ look: Look) {
    let frame = app.render(size: size, look: look)
    #expect(frame.size == size)
    for y in 0..<size.height {
      let cells = Array(frame.row(y))
      for x in cells.indices {
        let isControl = cells[x].base < 0x20 && cells[x].base != 0 || 0x7f..<0xa0 ~= cells[x].base
        if isControl || (look.glyphs.isASCII && cells[x].base > 0x7e) {
          Issue.record("cell \(x),\(y) at \(size) is \(cells[x].base)")
        }
        if cells[x].isContinuation, x == 0 || cells[x - 1].isContinuation {
          Issue.record("half a glyph at \(x),\(y) of \(size)")
        }
      }
    }
  }

  @Test func `a terminal that is too small shows its size and the minimum`() {
    let frame = SampleRun().app(after: 2).render(size: Size(width: 30, height: 8), look: Look())
    let text = frame.glyphRows.joined()
    #expect(text.contains("30×8 now"))
    #expect(text.contains("40×10 needed"))
  }

  @Test func `every panel fits on a terminal of 80 by 24`() {
    let text = SampleRun().finished.render(size: Size(width: 80, height: 24), look: Look())
      .glyphRows.joined(separator: "\n")
    for needed in [
      "Q  ", "A  ", "same answer", "faster", "fewer reference FLOPs", "executed", "KV", "plan",
      "full",
      "R 15", "video 10", "audio 45 %", "drop 16-18-20", "late 24", "layer 28/28", "help", "quit",
    ] { #expect(text.contains(needed), "\(needed)") }
  }

  @Test func `the parts of the layers screen never overlap`() {
    for width in 40..<140 {
      for height in 7..<60 {
        let area = Rect(x: 0, y: 1, width: width, height: height)
        let layout = LayersLayout(area, facts: 8, steps: 31, questionHeight: 3)
        let parts = [layout.question, layout.ledger, layout.chart, layout.details, layout.facts]
        for (index, part) in parts.enumerated() {
          #expect(area.contains(part))
          for other in parts.dropFirst(index + 1) {
            #expect(part.intersection(other).isEmpty)
          }
        }
        #expect(layout.ledger.height >= 5)
      }
    }
  }
}
