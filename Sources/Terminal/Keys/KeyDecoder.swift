/// Makes keys of what curses reads. A sequence that terminfo does not know arrives as Escape and
/// loose characters; it is swallowed whole, so that its letters do not act as keys.
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
  func keys(_ codes: [Code]) -> [Key] {
    var keys: [Key] = []
    var rest = codes[...]
    while let code = rest.popFirst() {
      switch code {
      case .special(let number): if let key = specials[number] { keys.append(key) }
      case .character(0x1b): if let key = escaped(&rest) { keys.append(key) }
      case .character(let value): if let key = Self.key(value) { keys.append(key) }
      }
    }
    return keys
  }

  /// What follows an Escape: nothing, a sequence to swallow, or the character of an Alt key.
  private func escaped(_ rest: inout ArraySlice<Code>) -> Key? {
    guard case .character(let next)? = rest.first, next != 0x1b else { return .escape }
    rest.removeFirst()
    if next == 0x5b || next == 0x4f {
      guard !rest.isEmpty else { return .alt(next == 0x5b ? "[" : "O") }
      while case .character(let value)? = rest.popFirst() {
        if 0x40...0x7e ~= value { break }
      }
      return nil
    }
    return Unicode.Scalar(next).map { .alt(Character($0)) }
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
