/// Makes events of what curses reads. A sequence that terminfo does not know arrives as Escape and
/// loose characters: reports of the mouse are understood here, all else is swallowed whole, so that
/// its letters do not act as keys.
struct KeyDecoder {
  /// One reading of the keyboard.
  enum Code: Sendable, Equatable {
    case character(UInt32)
    /// A key by its curses number.
    case special(UInt32)
  }

  /// Curses numbers of the keys we know.
  let specials: [UInt32: Key]

  /// Decodes what was read in one go; nothing is kept for the next time.
  func events(_ codes: [Code]) -> [InputEvent] {
    var events: [InputEvent] = []
    var rest = codes[...]
    while let code = rest.popFirst() {
      let event: InputEvent? =
        switch code {
        case .special(let number): specials[number].map { .key($0) }
        case .character(0x1b): escaped(&rest)
        case .character(let value): Self.key(value).map { .key($0) }
        }
      if let event { events.append(event) }
    }
    return events
  }

  /// Whether a sequence has begun whose end is still to come.
  func isCutOff(_ codes: [Code]) -> Bool {
    guard let start = codes.lastIndex(of: .character(0x1b)) else { return false }
    var rest = codes[(start + 1)...]
    guard rest.popFirst() == .character(0x5b), !rest.isEmpty else { return false }
    return ControlSequence(&rest) == nil
  }

  /// What follows an Escape: nothing, a sequence, or the character of an Alt key.
  private func escaped(_ rest: inout ArraySlice<Code>) -> InputEvent? {
    guard case .character(let next)? = rest.first, next != 0x1b else { return .key(.escape) }
    rest.removeFirst()
    guard next == 0x5b || next == 0x4f else {
      return Unicode.Scalar(next).map { .key(.alt(Character($0))) }
    }
    guard !rest.isEmpty else { return .key(.alt(next == 0x5b ? "[" : "O")) }
    if next == 0x5b { return ControlSequence(&rest)?.mouse.map { .mouse($0) } }
    while case .character(let value)? = rest.popFirst(), !(0x40...0x7e ~= value) {}
    return nil
  }

  private static func key(_ value: UInt32) -> Key? {
    switch value {
    case 0: .control(" ")
    case 8, 0x7f: .backspace
    case 9: .tab
    case 10, 13: .enter
    case 1..<27: Unicode.Scalar(value + 0x60).map { .control(Character($0)) }
    case 0x1c..<0x20: nil
    default: Unicode.Scalar(value).map { .character(Character($0)) }
    }
  }
}

/// What stands behind `Escape [`: parameters and a letter.
private struct ControlSequence {
  private var parameters: [UInt32] = []
  private var final: UInt32 = 0
  /// The three bytes that an old report of the mouse has behind its letter.
  private var tail: [UInt32] = []

  /// Takes a sequence off what was read; nil, and nothing is left, where its end is missing.
  init?(_ rest: inout ArraySlice<KeyDecoder.Code>) {
    while case .character(let value)? = rest.popFirst() {
      guard 0x40...0x7e ~= value else {
        parameters.append(value)
        continue
      }
      final = value
      guard value == UInt32(UInt8(ascii: "M")), parameters.isEmpty else { return }
      while tail.count < 3, case .character(let value)? = rest.popFirst() { tail.append(value) }
      if tail.count < 3 { return nil }
      return
    }
    return nil
  }

  /// The left button or the wheel alone; nil for everything else that the mouse does.
  var mouse: MouseEvent? {
    guard final == UInt32(UInt8(ascii: "M")) else { return nil }
    let numbers = tail.isEmpty ? sgrNumbers : tail.map { Int($0) - 32 }
    guard numbers.count == 3, numbers[1] > 0, numbers[2] > 0 else { return nil }
    let kinds: [Int: MouseEvent.Kind] = [0: .press, 64: .wheelUp, 65: .wheelDown]
    return kinds[numbers[0]].map { MouseEvent($0, x: numbers[1] - 1, y: numbers[2] - 1) }
  }

  /// `<button;column;row`, xterm's mode 1006.
  private var sgrNumbers: [Int] {
    guard parameters.first == UInt32(UInt8(ascii: "<")) else { return [] }
    let text = String(
      String.UnicodeScalarView(parameters.dropFirst().compactMap(Unicode.Scalar.init)))
    return text.split(separator: ";").compactMap { $0.count < 6 ? Int($0) : nil }
  }
}
