/// The SplitMix64 random number generator (Steele, Lea and Flood); the same sequence on every
/// machine.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64
  /// The increment of the state for each number.
  @inlinable public static var increment: UInt64 { 0x9E37_79B9_7F4A_7C15 }

  public init(state: UInt64) { self.state = state }

  public mutating func next() -> UInt64 {
    state &+= Self.increment
    return Self.mixed(state)
  }

  /// The output function of the state: a bijection of 64-bit words.
  @inlinable public static func mixed(_ state: UInt64) -> UInt64 {
    var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
