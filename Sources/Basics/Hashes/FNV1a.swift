/// The 64-bit FNV-1a hash, equal on every machine. Not cryptographic: it detects accidental changes
/// only.
public struct FNV1a: Sendable {
  public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  public init() {}

  /// Starts a hash with a text.
  /// - Parameter text: hashed byte by byte, in UTF-8.
  public init(_ text: String) {
    for byte in text.utf8 { add(UInt64(byte)) }
  }

  /// Adds a byte, or a 64-bit word in one step.
  public mutating func add(_ word: UInt64) { value = (value ^ word) &* 0x100_0000_01b3 }
}
