import Basics

/// A share of a modality's tokens that is kept at random, with its seed.
public struct RandomShare: Sendable, Equatable {
  public var ratio: Double
  public var seed: UInt64

  public init(ratio: Double, seed: UInt64) {
    self.ratio = ratio
    self.seed = seed
  }
}

/// Selects a uniformly random share of tokens; the same seed gives the same tokens on every
/// machine.
public struct RandomSelection: Sendable {
  public let share: RandomShare

  public init(_ share: RandomShare) {
    self.share = share
  }

  /// The kept candidates, in ascending order.
  public func select(from candidates: [Int]) -> [Int] {
    var generator = SplitMix64(state: share.seed)
    let shuffled = candidates.shuffled(using: &generator)
    return shuffled.prefix(keepCount(share.ratio, of: candidates.count)).sorted()
  }
}
