import Selection

/// Shallow, middle and late blocks of a decoder from its dependency curve, and proposed layers for
/// SEATS.
///
/// Shallow layers need video and audio, middle layers gather the answer from them, late layers no
/// longer use them.
public struct DependencyBlocks: Sendable, Equatable, Encodable {
  /// First layer of the middle block, counted from 1: removal before it leaves half of the gain of
  /// full tokens over none.
  public let middle: Int
  /// First layer of the late block: removal before it or any later layer costs nothing. Layer count
  /// + 1 if it always costs.
  public let late: Int
  /// Drops, spread over the middle block from its start.
  public let dropLayers: [Int]

  /// Result of removing both modalities before each layer.
  public struct Merit: Sendable {
    /// Element l − 1: share of the full tokens' result, 1 being all.
    public let shares: [Double]
    /// Tolerance within which removal costs nothing.
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

  /// Drop layers as text: `7-8-9`, or `none`.
  public var dropLayerText: String {
    LayerListText.text(dropLayers)
  }
}
