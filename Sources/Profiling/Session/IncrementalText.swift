import OmniModel

/// The text of tokens that come one by one: the same as that of all together, at the cost of the new
/// ones. A character whose bytes are not all there is U+FFFD until they are.
struct IncrementalText {
  /// Bytes at the end that may be the beginning of a character, at most three.
  private var pending: [UInt8] = []

  /// - Returns: how many bytes of the text so far go, and the UTF-8 that takes their place.
  mutating func take(_ bytes: [UInt8]) -> (removed: Int, added: [UInt8]) {
    let removed = Self.repaired(pending).count
    let open = pending + bytes
    pending = Array(open.suffix(Self.unfinished(open)))
    return (removed, Self.repaired(open))
  }

  private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
    Array(String(decoding: bytes, as: UTF8.self).utf8)
  }

  /// Bytes at the end that a longer character begins with.
  private static func unfinished(_ bytes: [UInt8]) -> Int {
    for length in 1...3 where length <= bytes.count {
      let byte = bytes[bytes.count - length]
      if byte & 0xc0 == 0x80 { continue }
      let wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
      return wanted > length ? length : 0
    }
    return 0
  }
}
