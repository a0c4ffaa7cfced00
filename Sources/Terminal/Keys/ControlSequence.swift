/// A terminal control sequence: `Escape [` or `Escape O`, parameters and a final letter.
enum ControlSequence {
  /// Start of a mouse report in xterm's mode 1006.
  static let mouse = Array("\u{1b}[<".utf8)

  /// Maximum length of a control sequence, in bytes.
  private static let longest = 256

  /// Decodes the first control sequence; nil if it is incomplete. A byte that cannot be part of the
  /// sequence ends it and is decoded separately.
  static func read(_ bytes: ArraySlice<UInt8>) -> KeyDecoder.Reading? {
    let start = bytes.startIndex + 2
    guard let end = bytes.prefix(longest)[start...].firstIndex(where: { !isParameter($0) }) else {
      return bytes.count < longest ? nil : (nil, longest)
    }
    let isReport = bytes.starts(with: mouse)
    let last = bytes[end]
    guard isReport ? [0x4d, 0x6d].contains(last) : isEnd(last) else {
      return (nil, end - bytes.startIndex)
    }
    let length = end + 1 - bytes.startIndex
    if isReport {
      return (last == 0x4d ? event(numbers(bytes[(start + 1)..<end])) : nil, length)
    }
    return end == start && bytes[start - 1] == 0x5b && last == 0x4d
      ? oldReport(bytes) : (nil, length)
  }

  private static func isParameter(_ byte: UInt8) -> Bool { 0x20...0x3f ~= byte && !isEnd(byte) }

  /// Whether a byte ends a control sequence: a letter, or the dollar sign that rxvt sends with
  /// Shift.
  private static func isEnd(_ byte: UInt8) -> Bool {
    0x40...0x7e ~= byte || byte == UInt8(ascii: "$")
  }

  /// A mouse report in the older encoding: `Escape [ M` and three bytes, each plus 32.
  private static func oldReport(_ bytes: ArraySlice<UInt8>) -> KeyDecoder.Reading? {
    let tail = bytes.dropFirst(3).prefix(3)
    guard tail.allSatisfy({ $0 >= 0x20 }) else { return (nil, 3) }
    return tail.count < 3 ? nil : (event(tail.map { Int($0) - 32 }), 6)
  }

  /// Numbers of a mouse report: `button;column;row`.
  private static func numbers(_ bytes: ArraySlice<UInt8>) -> [Int] {
    bytes.split(separator: UInt8(ascii: ";")).compactMap {
      $0.count < 6 ? Int(String(decoding: $0, as: UTF8.self)) : nil
    }
  }

  /// The event of the left button or the wheel; nil for other mouse reports.
  private static func event(_ numbers: [Int]) -> InputEvent? {
    guard numbers.count == 3, numbers[1] > 0, numbers[2] > 0 else { return nil }
    let kind: MouseEvent.Kind
    switch numbers[0] {
    case 0: kind = .press
    case 64: kind = .wheelUp
    case 65: kind = .wheelDown
    default: return nil
    }
    return .mouse(MouseEvent(kind, x: numbers[1] - 1, y: numbers[2] - 1))
  }
}
