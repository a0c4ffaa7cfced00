import CCurses

/// Decodes single characters of terminal input. Invalid bytes are skipped one at a time.
enum EncodedCharacter {
  /// The decoded character, nil if invalid, and its length in bytes.
  typealias Reading = (scalar: Unicode.Scalar?, bytes: Int)

  /// Decodes the first character as UTF-8; nil if it is incomplete.
  static func utf8(_ bytes: ArraySlice<UInt8>) -> Reading? {
    guard let first = bytes.first else { return nil }
    let length: Int
    switch first {
    case ..<0x80: return (Unicode.Scalar(first), 1)
    case 0xc2...0xdf: length = 2
    case 0xe0...0xef: length = 3
    case 0xf0...0xf4: length = 4
    default: return (nil, 1)
    }
    let present = bytes.prefix(length)
    guard present.dropFirst().allSatisfy({ 0x80...0xbf ~= $0 }) else { return (nil, 1) }
    guard present.count == length else { return nil }
    let scalar = String(validating: present, as: UTF8.self)?.unicodeScalars.first
    return (scalar, scalar == nil ? 1 : length)
  }

  /// Decodes the first character in the character set of the process's locale; nil if it is
  /// incomplete.
  static func ofLocale(_ bytes: ArraySlice<UInt8>) -> Reading? {
    if let first = bytes.first, first < 0x80 { return (Unicode.Scalar(first), 1) }
    var value: UInt32 = 0
    let length = bytes.withUnsafeBufferPointer {
      cc_character($0.baseAddress, $0.count, &value)
    }
    if length == 0 { return nil }
    return length < 0 ? (nil, 1) : (Unicode.Scalar(value), Int(length))
  }
}
