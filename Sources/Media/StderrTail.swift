import Basics

/// The last lines of a tool's standard error, of limited size.
struct StderrTail: Sendable {
  private static let keptLines = 64
  private static let longestLine = 1_000
  private var lines: [[UInt8]] = []
  private var partial: [UInt8] = []
  /// Number of complete lines with errors.
  private(set) var lineCount = 0
  /// Whether the messages say that the frame size changed within a stream.
  private(set) var saysSizeChanged = false

  mutating func append(_ piece: RawSpan) {
    for offset in piece.byteOffsets {
      let byte = piece.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        endLine(counts: byte == UInt8(ascii: "\n"))
      } else if partial.count < Self.longestLine {
        partial.append(byte)
      }
    }
  }

  private mutating func endLine(counts: Bool) {
    defer { partial.removeAll(keepingCapacity: true) }
    // Warnings are requested only to detect a change of the frame size.
    if partial.contains("[warning]") || partial.contains("Last message repeated") {
      saysSizeChanged = saysSizeChanged || partial.contains(Self.sizeChange)
      return
    }
    if counts { lineCount += 1 }
    lines.append(partial)
    if lines.count >= 2 * Self.keptLines { lines.removeFirst(Self.keptLines) }
  }

  private static let sizeChange = "Changing video frame properties on the fly"

  /// The last line that states a cause, sanitised, at most 300 characters.
  var causeLine: String {
    let texts = (lines.suffix(Self.keptLines) + [partial])
      .map { Self.plain(String(decoding: $0, as: UTF8.self)) }.filter { !$0.isEmpty }
    return texts.last { !Self.isConsequence($0) } ?? texts.first ?? ""
  }

  private static func isConsequence(_ text: some StringProtocol) -> Bool {
    consequences.contains { text.hasPrefix($0) }
  }

  /// General lines that ffmpeg prints after the line with the cause.
  private static let consequences = [
    "Conversion failed!", "Error marking filters as finished", "Error while filtering",
    "Error while decoding stream", "Error while processing", "Error submitting packet to decoder",
    "Error initializing output stream", "Error initializing a simple filtergraph",
    "Error reinitializing filters", "Failed to inject frame", "Nothing was written",
    "Output file is empty", "Output file #0 does not contain", "Cannot determine format of input",
    "Terminating thread with return code", "Task finished with error code", "Error opening input",
    "Error sending frames", "Could not open encoder", "Decode error rate",
    "Failed to configure output pad",
  ]

  /// The line without memory addresses, ffmpeg's name of the input file, and the severity.
  private static func plain(_ line: String) -> String {
    var text = line.printable(limit: 400).trimmed[...]
    for name in ["\(FFmpeg.input): ", "\(FFmpeg.input.dropFirst(5)): "] where text.hasPrefix(name) {
      text = text.dropFirst(name.count)
    }
    // Example: [webp @ 0x5561757bc080] [error] image data not found
    var part: Substring = ""
    if text.hasPrefix("["), let at = text.firstRange(of: " @ 0x"),
      let end = text.firstRange(of: "] "), at.lowerBound < end.lowerBound
    {
      part = text[text.index(after: text.startIndex)..<at.lowerBound]
      text = text[end.upperBound...]
    }
    for severity in ["[error] ", "[fatal] ", "[panic] "] where text.hasPrefix(severity) {
      text = text.dropFirst(severity.count)
    }
    let words = part.isEmpty || isConsequence(text) ? String(text) : "\(part): \(text)"
    return String(words.prefix(300)).trimmed
  }
}

extension [UInt8] {
  /// Whether the bytes contain this ASCII text.
  fileprivate func contains(_ text: String) -> Bool {
    let wanted = Array(text.utf8)
    guard count >= wanted.count, let first = wanted.first else { return false }
    return (0...count - wanted.count).contains { start in
      self[start] == first && self[start..<start + wanted.count].elementsEqual(wanted)
    }
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
