/// Parses numbers of bytes with units in powers of 1024: `0`, `512M`, `2G`.
public enum ByteCountText {
  /// Parses a number of bytes.
  /// - Returns: nil for invalid text, and beyond 2⁶⁰.
  public static func bytes(_ text: String) -> Int? {
    let units: [Character: Int] = ["K": 10, "M": 20, "G": 30, "T": 40]
    var digits = text.uppercased()[...]
    if digits.hasSuffix("B") { digits = digits.dropLast() }
    if digits.hasSuffix("I") { digits = digits.dropLast() }
    let shift = digits.last.flatMap { units[$0] }
    if shift != nil { digits = digits.dropLast() }
    guard let number = Int(digits), (0...1 << 60).contains(number),
      number <= 1 << (60 - (shift ?? 0))
    else { return nil }
    return number << (shift ?? 0)
  }
}
