/// A uniformly random share of a modality.
public struct RandomShare: Sendable, Equatable {
  public var ratio: Double
  public var seed: UInt64

  public init(ratio: Double, seed: UInt64) {
    self.ratio = ratio
    self.seed = seed
  }
}

/// A uniformly random share of some tokens; the same seed gives the same tokens everywhere.
public struct RandomSelection: Sendable {
  public let share: RandomShare

  public init(_ share: RandomShare) {
    self.share = share
  }

  /// The candidates kept, ascending.
  public func select(from candidates: [Int]) -> [Int] {
    var generator = SplitMix64(state: share.seed)
    let shuffled = candidates.shuffled(using: &generator)
    return shuffled.prefix(keepCount(share.ratio, of: candidates.count)).sorted()
  }
}

/// SplitMix64 (Steele, Lea and Flood); the same sequence on every machine.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
