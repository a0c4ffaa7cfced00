/// Random input for the program, determined by a seed.
struct RandomKeys {
  enum Action {
    case text(String)
    /// ^C, followed by another key so that the program does not quit.
    case interrupt
    case size(columns: Int, rows: Int)
  }

  /// Keys that open every screen and cause every allocation that happens only once: run, full
  /// tokens, repetitions, a pinned run, a sweep, a dependency curve. Memory growth after these keys
  /// is a leak.
  static let opening = [" ", "f", "R", "c", "2", "3", "4", "5", "6", "r", "7", "r", "8", "9", "1"]

  private var state: UInt64

  init(seed: UInt64) { state = seed }

  private mutating func number(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % limit
  }

  /// Milliseconds until the next key: mostly short, sometimes none.
  var pause: Int {
    mutating get { [0, 5, 20, 20, 50, 120][number(below: 6)] }
  }

  private static let arrows = ["\u{1B}OA", "\u{1B}OB", "\u{1B}OC", "\u{1B}OD"]
  private static let others = [
    "\u{1B}[5~", "\u{1B}[6~", "\u{1B}OH", "\u{1B}OF", "\u{1B}OP", "\u{1B}[Z", "\t", "\r",
    "\u{15}", "\u{04}", "\u{1B}[99;99~", "\u{1B}[200~q\u{1B}[201~", "é", "漢", "\u{7F}", "\u{1B}x",
    "\0",
    // Mouse events: clicks on a tab and on a row, the wheel, a drag.
    "\u{1B}[<0;30;2M\u{1B}[<0;30;2m", "\u{1B}[<0;12;9M\u{1B}[<0;12;9m", "\u{1B}[<64;20;8M",
    "\u{1B}[<65;60;12M", "\u{1B}[<32;40;6M",
  ]
  /// Text that is typed into line editors.
  private static let lines = [
    "1-2-3", "none", "audio < 40", "layer 4", "2,5,99", "x\u{301}漢字", "99999999999999999999", "",
  ]

  mutating func next() -> Action {
    switch number(below: 100) {
    case 0..<12: .text(String(1 + number(below: 9)))
    case 12..<30: .text(Self.arrows[number(below: Self.arrows.count)])
    case 30..<40: .text(Self.others[number(below: Self.others.count)])
    // All letters and symbols except q, which quits.
    case 40..<75: .text(letter)
    case 75..<83: .text([" ", "n", "d", "0", "f", "p"][number(below: 6)])
    case 83..<88:
      .text(Self.lines[number(below: Self.lines.count)] + ["\r", "\u{1B}"][number(below: 2)])
    case 88..<92: .interrupt
    case 92..<95: .text("\u{1B}")
    default: .size(columns: columns, rows: rows)
    }
  }

  private var letter: String {
    mutating get {
      let value = UInt8(33 + number(below: 94))
      return value == UInt8(ascii: "q") ? "t" : String(UnicodeScalar(value))
    }
  }

  private var columns: Int {
    mutating get { [80, 80, 100, 200, 40, 1 + number(below: 250)][number(below: 6)] }
  }

  private var rows: Int {
    mutating get { [24, 24, 30, 60, 10, 1 + number(below: 70)][number(below: 6)] }
  }
}
