/// Decodes terminal input into events. Incomplete sequences and characters are buffered. Unknown
/// sequences are discarded as a whole, and pasted text never triggers a key.
struct KeyDecoder {
  /// The decoded event, nil if it is discarded, and its length in bytes.
  typealias Reading = (event: InputEvent?, bytes: Int)

  private static let escape: UInt8 = 0x1b

  private let keys: [[UInt8]: Key]
  private let beginnings: Set<[UInt8]>
  private let longest: Int
  private let isUTF8: Bool
  private var pending: [UInt8] = []
  /// Text of the current bracketed paste; nil outside of a paste.
  private var paste: String?

  private static let pasteStart = Array("\u{1b}[200~".utf8)
  private static let pasteEnd = Array("\u{1b}[201~".utf8)

  /// A decoder without buffered input.
  /// - Parameters:
  ///   - keys: byte sequences of special keys.
  ///   - isUTF8: whether characters are UTF-8; otherwise they are in the character set of the
  ///     process's locale.
  init(keys: [[UInt8]: Key], isUTF8: Bool = true) {
    self.keys = keys
    self.isUTF8 = isUTF8
    beginnings = Set(keys.keys.flatMap { key in (1..<max(1, key.count)).map { Array(key[..<$0]) } })
    longest = keys.keys.map(\.count).max() ?? 0
  }

  /// Whether an incomplete sequence is buffered.
  var isUnfinished: Bool { !pending.isEmpty }

  /// Decodes bytes of terminal input; an incomplete sequence at the end is buffered.
  mutating func take(_ bytes: some Sequence<UInt8>) -> [InputEvent] {
    pending += bytes
    var events: [InputEvent] = []
    var rest = pending[...]
    while !rest.isEmpty, let reading = read(rest) {
      if rest.first == Self.escape, rest.starts(with: Self.pasteStart) {
        paste = paste ?? ""
      } else if paste != nil {
        events += rest.starts(with: Self.pasteEnd) ? endPaste() : pasted(reading.event)
      } else if let event = reading.event {
        events.append(event)
      }
      rest = rest.dropFirst(reading.bytes)
    }
    pending = Array(rest)
    if let text = paste, !text.isEmpty {
      events.append(.pasted(text))
      paste = ""
    }
    return events
  }

  private mutating func endPaste() -> [InputEvent] {
    let text = paste.take() ?? ""
    return text.isEmpty ? [] : [.pasted(text)]
  }

  /// Appends a decoded event to the pasted text: only characters, and line breaks as spaces.
  private mutating func pasted(_ event: InputEvent?) -> [InputEvent] {
    switch event {
    case .key(.character(let character)): paste?.append(character)
    case .key(.enter), .key(.tab): paste?.append(" ")
    // Terminals remove Escape from pasted text, so an Escape means that the end marker was lost.
    case .key(.escape): return endPaste()
    default: break
    }
    return []
  }

  /// Decodes a buffered Escape or Alt key after a timeout. Incomplete mouse reports and characters
  /// stay buffered.
  mutating func giveUp() -> [InputEvent] {
    let begun = pending
    if begun.first != Self.escape || begun.starts(with: ControlSequence.mouse) { return [] }
    // The end marker of a paste may arrive later.
    if paste != nil { return [] }
    pending = []
    switch begun.count {
    case 1: return [.key(.escape)]
    case 2: return Unicode.Scalar(begun[1]).isASCII ? [.key(.alt(Character(.init(begun[1]))))] : []
    default: return []
    }
  }

  /// Decodes the first event; nil if it is incomplete.
  private func read(_ bytes: ArraySlice<UInt8>) -> Reading? {
    guard let first = bytes.first else { return nil }
    if first < 0x20 || first == 0x7f {
      for length in stride(from: min(longest, bytes.count), to: 0, by: -1) {
        if let key = keys[Array(bytes.prefix(length))] { return (.key(key), length) }
      }
      if bytes.count < longest, beginnings.contains(Array(bytes)) { return nil }
    }
    if first == Self.escape { return escaped(bytes) }
    guard let (scalar, length) = character(bytes) else { return nil }
    return (scalar.flatMap(Self.key).map { .key($0) }, length)
  }

  /// Decodes input that starts with Escape: the Escape key, a sequence, or a key with Alt.
  private func escaped(_ bytes: ArraySlice<UInt8>) -> Reading? {
    guard let next = bytes.dropFirst().first else { return nil }
    switch next {
    case Self.escape: return (.key(.escape), 1)
    case UInt8(ascii: "["), UInt8(ascii: "O"): return ControlSequence.read(bytes)
    default:
      guard let (scalar, length) = character(bytes.dropFirst()) else { return nil }
      return (scalar.map { .key(.alt(Character($0))) }, 1 + length)
    }
  }

  private func character(_ bytes: ArraySlice<UInt8>) -> EncodedCharacter.Reading? {
    isUTF8 ? EncodedCharacter.utf8(bytes) : EncodedCharacter.ofLocale(bytes)
  }

  private static func key(_ scalar: Unicode.Scalar) -> Key? {
    switch scalar.value {
    case 0: .control(" ")
    case 8, 0x7f: .backspace
    case 9: .tab
    case 10, 13: .enter
    case 1..<27: Unicode.Scalar(scalar.value + 0x60).map { .control(Character($0)) }
    case 0x1c..<0x20: nil
    default: .character(Character(scalar))
    }
  }
}
