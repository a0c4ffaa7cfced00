/// Well-formed inputs in which one number is beyond all bounds: what random damage rarely makes.
extension Seed {
  /// A seed with each of its numbers replaced by each of these, one at a time.
  static func extremes(of seed: [UInt8]) -> [[UInt8]] {
    numbers(in: seed).flatMap { range in
      extremeNumbers.map { Array(seed[..<range.lowerBound] + $0.utf8 + seed[range.upperBound...]) }
    }
  }

  private static let extremeNumbers = [
    "0", "-1", "1e-300", "1e9", "9e23", "1e24", "-1e24", "1e308", "4194304",
    "1152921504606846976", "9223372036854775807", "-9223372036854775808",
  ]

  /// Where numbers stand that are no part of a word or of a string of digits.
  private static func numbers(in text: [UInt8]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var place = 0
    while place < text.count {
      let isFirst =
        place == 0 || !(isWord(text[place - 1]) || text[place - 1] == UInt8(ascii: "\""))
      guard isFirst, isDigit(text[place]) || text[place] == UInt8(ascii: "-") else {
        place += 1
        continue
      }
      let end = text[place...].firstIndex { !(isDigit($0) || "+-.eE".utf8.contains($0)) }
      ranges.append(place..<(end ?? text.count))
      place = end ?? text.count
    }
    return ranges
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == UInt8(ascii: "_")
      || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
  }
}
