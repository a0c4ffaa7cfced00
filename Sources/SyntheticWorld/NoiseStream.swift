import Basics

/// A stream of random 64-bit words for a scene, identified by a number and readable at any index
/// (SplitMix64 with a counter).
struct NoiseStream {
  private let key: UInt64

  /// Numbers of a scene's streams; noise bursts count from `firstBurst`, one per window.
  static let clutter: UInt64 = 1
  static let grain: UInt64 = 2
  static let hiss: UInt64 = 3
  static let firstBurst: UInt64 = 16

  init(seed: UInt64, stream: UInt64) {
    key = SplitMix64.mixed(seed &* 64 &+ stream &+ SplitMix64.increment)
  }

  /// The random word at `index`, from 0.
  subscript(index: Int) -> UInt64 {
    SplitMix64.mixed(key &+ (UInt64(index) + 1) &* SplitMix64.increment)
  }

  /// The random word at `index` as a number in -1..<1 with a resolution of 24 bits.
  func amplitude(at index: Int) -> Double {
    (Double(self[index] >> 40) - 8_388_608) / 8_388_608
  }
}
