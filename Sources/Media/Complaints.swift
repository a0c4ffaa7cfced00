/// What a tool wrote to its standard error: the end of it, however much there was.
struct Complaints: Sendable {
  private static let kept = 8_192
  private var tail: [UInt8] = []
  private(set) var lineCount = 0

  mutating func append(_ piece: RawSpan) {
    piece.withUnsafeBytes { bytes in
      lineCount += bytes.count { $0 == UInt8(ascii: "\n") }
      tail.append(contentsOf: bytes)
    }
    if tail.count > 2 * Self.kept { tail.removeFirst(tail.count - Self.kept) }
  }

  /// The last line that says something; safe to show, and at most 300 characters long.
  var lastLine: String {
    let lines = tail.suffix(Self.kept).split {
      $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r")
    }
    let texts = lines.lazy.reversed().map {
      String(decoding: $0, as: UTF8.self).printable(limit: 300).trimmed
    }
    // ffmpeg likes to end with this after it has said what is wrong.
    return texts.first { !$0.isEmpty && $0 != "Conversion failed!" } ?? ""
  }
}

extension String {
  var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }),
      let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}
