/// One numbered stream of random words of a scene, readable at any index (SplitMix64 by counter).
struct NoiseStream {
  private let key: UInt64
  private static let golden: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// Stream numbers of a scene; noise bursts count up from `firstBurst`, one per window.
  static let clutter: UInt64 = 1
  static let grain: UInt64 = 2
  static let hiss: UInt64 = 3
  static let firstBurst: UInt64 = 16

  init(seed: UInt64, stream: UInt64) {
    key = Self.mixed(seed &* 64 &+ stream &+ Self.golden)
  }

  /// Word number `index`, from 0.
  subscript(index: Int) -> UInt64 {
    Self.mixed(key &+ (UInt64(index) + 1) &* Self.golden)
  }

  /// Word number `index` as a number in -1..<1 with a resolution of 24 bits.
  func amplitude(at index: Int) -> Double {
    (Double(self[index] >> 40) - 8_388_608) / 8_388_608
  }

  private static func mixed(_ word: UInt64) -> UInt64 {
    var z = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
