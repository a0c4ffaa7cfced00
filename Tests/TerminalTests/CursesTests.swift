import Testing

@testable import Terminal

#if canImport(Glibc)
  import Glibc
#endif

/// Draws through ncurses into the void and reads back what it holds. One at a time: curses has one
/// current screen per process.
@Suite(.serialized)
struct CursesTests {
  private func open(
    _ term: String, ascii: Bool? = false, color: ColorChoice = .full
  ) throws -> CursesDisplay {
    let void = Glibc.open("/dev/null", O_RDWR)
    defer { close(void) }
    let display = try CursesDisplay(
      .init(term: term, ascii: ascii, input: void, output: void, isInteractive: false, color: color)
    )
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

  @Test(arguments: ["xterm-256color", "tmux-256color", "xterm-kitty", "xterm-direct"])
  func `direct colours are held by their components, and the palette by its numbers`(
    term: String
  ) throws {
    let display = try open(term, color: .direct)
    defer { display.close() }
    #expect(display.depth == .direct)
    var frame = Frame(size: display.size, look: Look(depth: .direct))
    let pairs: [(Color, Int)] = [
      (.rgb(16, 32, 48), 0x102030), (.rgb(255, 255, 255), 0xffffff), (.indexed(3), 3),
      (.indexed(200), 200), (.standard, -1), (.rgb(0, 0, 7), 256 + 7),
    ]
    for (x, pair) in pairs.enumerated() {
      frame.put("x", x: x, y: 0, style: Style(foreground: pair.0, background: pairs[0].0))
    }
    display.show(frame)
    for (x, pair) in pairs.enumerated() {
      #expect(display.peek(x: x, y: 0).foreground == pair.1, "\(pair)")
      #expect(display.peek(x: x, y: 0).background == 0x102030)
    }
  }

  @Test(arguments: ["linux", "vt100"])
  func `a terminal with fewer than 256 colours gets no direct ones`(term: String) throws {
    let display = try open(term, color: .direct)
    defer { display.close() }
    #expect(display.depth < .full)
  }

  @Test func `pictures with more colours than there are pairs are still drawn`() throws {
    let display = try open("xterm-256color", color: .direct)
    defer { display.close() }
    display.resize(to: Size(width: 200, height: 100))
    for round in 0..<5 {
      var frame = Frame(size: display.size, look: Look(depth: .direct))
      for y in 0..<100 {
        for x in 0..<200 {
          frame.put(
            Pixel(UInt8(x), UInt8(y), UInt8(40 * round)),
            over: Pixel(UInt8(y), UInt8(x), UInt8(40 * round + 1)), x: x, y: y)
        }
      }
      display.show(frame)
      let (last, color) = (display.peek(x: 199, y: 99), 199 << 16 | 99 << 8 | 40 * round)
      #expect(last.foreground == color && last.text == "▀", "round \(round)")
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
