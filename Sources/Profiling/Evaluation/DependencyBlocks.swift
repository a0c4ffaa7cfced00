import Selection

/// The blocks of a decoder, as its dependency curve shows them, and the layers SEATS should use.
///
/// Shallow layers cannot do without video and audio, in the middle the answer is gathered, and late
/// ones are done with looking and listening.
public struct DependencyBlocks: Sendable, Equatable, Encodable {
  /// First layer of the middle block, counted from 1: removal before it leaves half of what full
  /// tokens gain over no video and audio at all.
  public let middle: Int
  /// First layer of the late block: from here on, removal before a layer costs nothing. One more
  /// than there are layers where it always costs.
  public let late: Int
  /// Drops, spread over the middle block from its start.
  public let dropLayers: [Int]

  /// What removing both before each layer leaves.
  public struct Merit: Sendable {
    /// Element l − 1: of what full tokens have, 1 being all.
    public let shares: [Double]
    /// What may be missing where removal is said to cost nothing.
    public let slack: Double

    public init(shares: [Double], slack: Double) {
      self.shares = shares
      self.slack = slack
    }
  }

  public init(_ both: Merit, layers: Int) {
    let shares = both.shares
    late = (shares.lastIndex { $0 < 1 - both.slack - 1e-9 } ?? -1) + 2
    let none = shares.first ?? 0
    let half = none + (1 - none) / 2
    let first = (shares.firstIndex { $0 >= half } ?? max(0, late - 2)) + 1
    middle = min(first, late)
    let step = max(1, (late - 1 - first) / 3)
    let removal = late - 1
    dropLayers = (0..<3).map { first + $0 * step }.filter { $0 >= 1 && $0 < removal }
  }

  /// Drop layers as they are typed: `7-8-9`, or `none`.
  public var dropLayerText: String {
    LayerListText.text(dropLayers)
  }
}
