import Selection

/// Shallow, middle and late blocks of a decoder, derived from its dependency curve, and drop layers
/// for SEATS proposed from them.
///
/// Shallow layers need video and audio, middle layers collect the answer from them, and late layers
/// no longer use them.
public struct DependencyBlocks: Sendable, Equatable, Encodable {
  /// First layer of the middle block, counted from 1: removing video and audio before this layer
  /// keeps at least half of the accuracy that full tokens gain over no media.
  public let middle: Int
  /// First layer of the late block, counted from 1: removing video and audio before this layer, or
  /// before any later one, loses no accuracy. The number of layers + 1 if there is no such layer.
  public let late: Int
  /// Proposed drop layers, spread over the middle block from its first layer.
  public let dropLayers: [Int]

  /// Results of removing video and audio before each layer, relative to full tokens.
  public struct Merit: Sendable {
    /// Result as a share of that of full tokens, 1 if equal; element l − 1 belongs to removal
    /// before layer l.
    public let shares: [Double]
    /// Loss, as a share of the full tokens' result, that still counts as no loss.
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

  /// The proposed drop layers as text, such as `7-8-9`, or `none`.
  public var dropLayerText: String {
    LayerListText.text(dropLayers)
  }
}
