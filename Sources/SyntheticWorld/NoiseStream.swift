import Basics

/// One numbered stream of random words of a scene, readable at any index (SplitMix64 by counter).
struct NoiseStream {
  private let key: UInt64

  /// Stream numbers of a scene; noise bursts count up from `firstBurst`, one per window.
  static let clutter: UInt64 = 1
  static let grain: UInt64 = 2
  static let hiss: UInt64 = 3
  static let firstBurst: UInt64 = 16

  init(seed: UInt64, stream: UInt64) {
    key = SplitMix64.mixed(seed &* 64 &+ stream &+ SplitMix64.increment)
  }

  /// Word number `index`, from 0.
  subscript(index: Int) -> UInt64 {
    SplitMix64.mixed(key &+ (UInt64(index) + 1) &* SplitMix64.increment)
  }

  /// Word number `index` as a number in -1..<1 with a resolution of 24 bits.
  func amplitude(at index: Int) -> Double {
    (Double(self[index] >> 40) - 8_388_608) / 8_388_608
  }
}
