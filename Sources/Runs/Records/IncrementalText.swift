import OmniModel

/// Decodes the UTF-8 of streamed tokens step by step. An incomplete character is shown as U+FFFD
/// until its other bytes arrive.
struct IncrementalText {
  /// Bytes of the incomplete character at the end, at most three.
  private var pending: [UInt8] = []

  /// Decodes the bytes of the next token.
  /// - Returns: the number of bytes to remove from the end of the text, and the UTF-8 to append.
  mutating func take(_ bytes: [UInt8]) -> (removed: Int, added: [UInt8]) {
    let removed = Self.repaired(pending).count
    let open = pending + bytes
    pending = Array(open.suffix(Self.unfinished(open)))
    return (removed, Self.repaired(open))
  }

  private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
    Array(String(decoding: bytes, as: UTF8.self).utf8)
  }

  /// Number of bytes of an incomplete character at the end.
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
