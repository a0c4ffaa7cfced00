import Basics

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
