import Testing

@testable import Terminal

struct WidgetTests {
  private func drawn(
    _ widget: some Widget, _ width: Int, _ height: Int = 1, glyphs: Glyphs = .utf8,
    depth: ColorDepth = .full
  ) -> String {
    let look = Look(glyphs: glyphs, depth: depth)
    var frame = Frame(size: Size(width: width, height: height), look: look)
    widget.render(in: frame.area, to: &frame)
    return frame.glyphRows.joined(separator: "\n")
  }

  private let bar = StackedBar(
    [.init(1, .text, fill: 0), .init(4, .video, fill: 1), .init(3, .audio, fill: 2)], ceiling: 16)

  @Test func `a bar without colour has patterns`() {
    #expect(drawn(bar, 16, depth: .mono) == "█▓▓▓▓░░░        ")
    #expect(drawn(bar, 16, glyphs: .ascii) == "#====---        ")
  }

  @Test func `a coloured bar shares a cell between two segments`() {
    var frame = Frame(size: Size(width: 4, height: 1), look: Look())
    bar.render(in: frame.area, to: &frame)
    #expect(frame.glyphRows == ["▎▎  "])
    #expect(frame[1, 0].style.foreground == .indexed(6))
    #expect(frame[1, 0].style.background == .indexed(5))
  }

  @Test func `small parts of a bar are visible, and the bar fits its width`() {
    let tiny = StackedBar(
      [.init(1, .text, fill: 0), .init(9_999, .video, fill: 1), .init(1, .audio, fill: 2)],
      ceiling: 10_001)
    for width in 3..<60 {
      let units = tiny.lengths(in: width, atLeast: 1)
      #expect(units.reduce(0, +) == width && units.allSatisfy { $0 >= 1 })
    }
  }

  @Test func `bar parts larger than the whole are clamped`() {
    let odd = StackedBar(
      [
        .init(1e18, .text, fill: 0), .init(.infinity, .video, fill: 1),
        .init(.nan, .audio, fill: 2),
      ],
      ceiling: 1e-9, gone: 1e300)
    #expect(odd.lengths(in: 16, atLeast: 1) == [8, 8, 0])
    #expect(drawn(odd, 4, depth: .mono) == "██▓▓")
    #expect(drawn(StackedBar(odd.segments, ceiling: .infinity), 4) == "    ")
  }

  @Test func `a bar of predicted values is drawn thin`() {
    let planned = StackedBar(bar.segments, ceiling: 8, isPlanned: true)
    #expect(drawn(planned, 8) == "━════───")
    #expect(drawn(planned, 8, glyphs: .ascii) == "tvvvvaaa")
  }

  @Test func `a sparkline with little history grows from the right`() {
    #expect(drawn(Sparkline([4, 8], ceiling: 8), 4, 2) == "   █\n  ██")
  }

  @Test func `the hint bar drops hints that do not fit`() {
    let bar = HintBar([.init(action: "quit", key: "q"), .init(action: "help", key: "?")])
    #expect(drawn(bar, 16) == " q quit  ? help ")
    #expect(drawn(bar, 12) == " q quit     ")
  }

  @Test func `a truncated paragraph is marked`() {
    #expect(drawn(Paragraph("one two three four"), 7, 2) == "one two\nthree …")
  }

  @Test func `every widget draws in any small area without a crash`() {
    let table = Table<Int>(
      [
        .init("n", .fixed(3)) { _ in .text("12") },
        .init("bar", .flexible(minimum: 4)) { _ in
          .bar(StackedBar([.init(1, .text, fill: 0)], ceiling: 1))
        },
      ], rows: Array(0..<9), selected: 4)
    let help = HelpOverlay(
      title: "Keys", sections: [.init(title: "All", entries: [.init(keys: "q", text: "quit")])])
    let widgets: [any Widget] = [
      bar, Sparkline([1, 2]),
      HintBar([.init(action: "quit", key: "q")]),
      Paragraph("some words"), table, help, PromptLine(question: "name:", editor: LineEditor("漢字")),
    ]
    for width in 0..<12 {
      for height in 0..<6 {
        for widget in widgets {
          var frame = Frame(size: Size(width: 14, height: 8), look: Look())
          let before = frame
          let area = Rect(x: 1, y: 1, width: width, height: height)
          widget.render(in: area, to: &frame)
          for y in 0..<8 {
            for x in 0..<14 where !area.contains(x: x, y: y) {
              #expect(frame[x, y] == before[x, y])
            }
          }
        }
      }
    }
  }

  @Test func `a typed combining mark joins the letter before the caret`() {
    for (start, mark, whole) in [
      ("ab", Character("\u{301}"), "a\u{301}xb"), ("🇩b", "🇪", "🇩🇪xb"), ("👩b", "🏽", "👩🏽xb"),
    ] {
      var editor = LineEditor(start)
      #expect(editor.handle(.left) && editor.caret == 1)
      #expect(editor.handle(.character(mark)) && editor.caret == 1)
      #expect(editor.handle(.character("x")) && editor.text == whole)
    }
  }

  @Test func `a typed letter with many combining marks is text`() {
    var editor = LineEditor("e")
    for _ in 0..<3000 { _ = editor.handle(.character("\u{301}")) }
    #expect(editor.text.unicodeScalars.count == 1000)
  }

  @Test func `a long line in the line editor scrolls to the caret`() {
    for (text, end, caret) in [
      ("0123456789", "456789  ", 6), ("漢字漢字漢字漢", "漢字漢  ", 6), ("漢字漢字漢字a", "漢字a   ", 5),
    ] {
      let field = LineField(LineEditor(text))
      var frame = Frame(size: Size(width: 8, height: 1), look: Look())
      field.render(in: frame.area, to: &frame)
      #expect(frame.glyphRows == [end])
      #expect(frame.caret == .init(x: caret, y: 0))
    }
  }

  @Test func `a line editor edits where the caret is`() {
    var editor = LineEditor("16-20")
    for key: Key in [
      .left, .left, .character("1"), .character("8"), .character("-"), .end, .backspace,
    ] {
      let isTaken = editor.handle(key)
      #expect(isTaken)
    }
    #expect(editor.text == "16-18-2")
    let isTaken = editor.handle(.enter)
    #expect(!isTaken)
  }

  @Test func `a styled line wraps at spaces and keeps its roles`() {
    let line: StyledLine = [.span("the answer is", .strong), .span("  ✓ right", .good)]
    let lines = line.wrapped(to: 10, ascii: false)
    #expect(lines.map { $0.spans.map(\.text).joined() } == ["the answer", "is  ✓", "right"])
    #expect(lines.last?.spans.map(\.role) == [.good])
    #expect(lines[1].spans.map(\.role) == [.strong, .good])
    #expect(line.wrapped(to: 80, ascii: true).map { $0.spans.count } == [2])
  }
}
