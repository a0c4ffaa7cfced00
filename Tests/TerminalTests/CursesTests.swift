import Testing

@testable import Terminal

#if canImport(Glibc)
  import Glibc
#endif

/// Draws through ncurses into the void and reads back what it holds. One at a time: curses has one
/// current screen per process.
@Suite(.serialized)
struct CursesTests {
  private func open(_ term: String, ascii: Bool? = false) throws -> CursesDisplay {
    let void = Glibc.open("/dev/null", O_RDWR)
    defer { close(void) }
    let display = try CursesDisplay(
      .init(term: term, ascii: ascii, input: void, output: void, isInteractive: false))
    display.resize(to: Size(width: 40, height: 5))
    return display
  }

  private func sample(_ display: CursesDisplay) -> Frame {
    let look = Look(glyphs: display.glyphs, depth: display.depth)
    var frame = Frame(size: display.size, look: look)
    frame.write("e\u{301}漢字 x", in: frame.area.row(0), as: .header)
    frame.write("video", in: frame.area.row(1), as: .video)
    frame.write("corner", in: frame.area.row(4), as: .normal, align: .right)
    return frame
  }

  @Test(arguments: [
    "xterm-256color", "xterm", "screen-256color", "tmux-256color", "linux", "vt100",
  ])
  func `curses holds the cells that were drawn`(term: String) throws {
    let display = try open(term)
    defer { display.close() }
    #expect(display.size == Size(width: 40, height: 5))
    let frame = sample(display)
    display.show(frame)
    for y in 0..<frame.size.height {
      for x in 0..<frame.size.width where !frame[x, y].isContinuation {
        let held = display.peek(x: x, y: y)
        #expect(held.text == frame[x, y].text, "\(x),\(y)")
        #expect(held.modifiers == frame[x, y].style.modifiers, "\(x),\(y)")
        let style = display.depth == .mono ? .plain : frame[x, y].style
        #expect(held.foreground == Self.number(style.foreground), "\(x),\(y)")
        #expect(held.background == Self.number(style.background), "\(x),\(y)")
      }
    }
  }

  @Test func `foreground and background colours are not swapped`() throws {
    let display = try open("xterm-256color")
    defer { display.close() }
    var frame = Frame(size: display.size, look: Look())
    frame.put("x", x: 0, y: 0, style: Style(foreground: .indexed(1), background: .indexed(4)))
    frame.put("x", x: 1, y: 0, style: Style(foreground: .standard, background: .indexed(4)))
    display.show(frame)
    #expect(display.peek(x: 0, y: 0).foreground == 1 && display.peek(x: 0, y: 0).background == 4)
    #expect(display.peek(x: 1, y: 0).foreground == -1 && display.peek(x: 1, y: 0).background == 4)
  }

  /// The number of the palette; −1 is the terminal's own colour.
  private static func number(_ color: Color) -> Int {
    if case .indexed(let index) = color { Int(index) } else { -1 }
  }

  @Test func `a second frame updates only the cells that differ`() throws {
    let display = try open("xterm-256color")
    defer { display.close() }
    var frame = sample(display)
    display.show(frame)
    frame.write("x", in: Rect(x: 1, y: 0, width: 1, height: 1))
    frame.write("漢", in: Rect(x: 38, y: 2, width: 2, height: 1))
    display.show(frame)
    #expect(display.peek(x: 1, y: 0).text == "x")
    #expect(display.peek(x: 38, y: 2).text == "漢")
    #expect(display.peek(x: 34, y: 4).text == "c")
  }

  @Test func `colours are mapped to those of the terminal`() throws {
    for (term, depth) in [("xterm-256color", ColorDepth.full), ("linux", .eight), ("vt100", .mono)]
    {
      let display = try open(term)
      #expect(display.depth == depth, "\(term)")
      display.close()
    }
  }

  @Test func `colour pairs are reused when the terminal has no more`() throws {
    let display = try open("linux")
    defer { display.close() }
    var frame = Frame(size: display.size, look: Look(depth: .eight))
    for x in 0..<40 {
      for y in 0..<5 {
        frame.put(
          "x", x: x, y: y,
          style: Style(
            foreground: .indexed(UInt8(x % 8)), background: .indexed(UInt8((x / 8 + y) % 8))))
      }
    }
    display.show(frame)
    #expect(display.peek(x: 39, y: 4).text == "x")
  }

  @Test(arguments: ["xterm-kitty", "alacritty", "foot", "wezterm", "xterm-ghostty"])
  func `unknown terminal types are used as xterm`(term: String) throws {
    let display = try open(term)
    #expect(display.depth == .full)
    display.close()
  }

  @Test(arguments: ["dumb", "no-such-terminal", "hardcopy"])
  func `a terminal that cannot place a cursor is refused`(term: String) {
    #expect(throws: DisplayError.unusableTerminal(term)) { _ = try open(term) }
  }

  @Test func `a pipe or a file is refused as terminal`() {
    let void = Glibc.open("/dev/null", O_RDWR)
    defer { close(void) }
    #expect(throws: DisplayError.notATerminal(descriptor: void)) {
      _ = try CursesDisplay(.init(term: "xterm", input: void, output: void))
    }
  }
}
