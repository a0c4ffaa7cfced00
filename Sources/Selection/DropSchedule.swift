import Foundation

/// Keep ratios of the inner drops of a modality such that its retention, averaged over all layers,
/// meets a target (SEATS, block-wise decay).
///
/// Drop i of K removes a share proportional to eⁱ of the fraction φ of the entering tokens; φ is
/// found by bisection, and clamped to 0 or 1 if the target cannot be met.
public struct DropSchedule: Sendable, Equatable {
  /// Layers after which an inner drop happens, ascending, counted from 1.
  public let dropLayers: [Int]
  /// Keep ratio of each drop, relative to the tokens just before it; four decimals.
  public let keepRatios: [Double]
  /// φ: the share of the entering tokens removed by all inner drops; four decimals.
  public let totalDropFraction: Double
  /// The resulting retention, averaged over all layers.
  public let averageRetention: Double

  /// Solves the schedule.
  /// - Parameters:
  ///   - target: retention averaged over all `layers`, 0…1.
  ///   - entering: share of tokens that enter the first layer, 0…1.
  ///   - dropLayers: requested drops, ascending; those at or after `removeAfter` are ignored.
  ///   - removeAfter: the layer after which all tokens are removed; nil: none.
  public init(
    target: Double, entering: Double, dropLayers: [Int], removeAfter: Int?, layers: Int
  ) {
    let end = removeAfter ?? layers
    let drops = dropLayers.filter { $0 < end }
    self.dropLayers = drops
    let trajectory = RetentionTrajectory(entering: entering, drops: drops, end: end)
    guard !drops.isEmpty else {
      (keepRatios, totalDropFraction) = ([], 0)
      averageRetention = trajectory.layerSum(0) / Double(layers)
      return
    }
    let fraction = trajectory.fraction(meeting: target * Double(layers))
    let remaining = trajectory.remaining(fraction)
    keepRatios = zip(remaining.dropFirst(), remaining).map { after, before in
      before > 0 ? Self.fourDecimals(after / before) : 0
    }
    totalDropFraction = Self.fourDecimals(fraction)
    averageRetention = trajectory.layerSum(fraction) / Double(layers)
  }

  private static func fourDecimals(_ value: Double) -> Double {
    (value * 10_000).rounded(.toNearestOrEven) / 10_000
  }
}

/// The share of a modality left in each segment, as a function of φ.
private struct RetentionTrajectory {
  let entering: Double
  /// Cumulative share of φ after 0, 1, … K drops.
  let cumulativeShares: [Double]
  /// Layers between boundaries.
  let segmentLengths: [Double]

  init(entering: Double, drops: [Int], end: Int) {
    self.entering = entering
    let weights = drops.indices.map { exp(Double($0)) }
    let sum = weights.reduce(0, +)
    cumulativeShares = weights.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1 / sum) }
    let boundaries = [0] + drops + [end]
    segmentLengths = zip(boundaries.dropFirst(), boundaries).map { Double($0 - $1) }
  }

  func remaining(_ fraction: Double) -> [Double] {
    cumulativeShares.map { max(0, entering * (1 - fraction * $0)) }
  }

  /// Σ segment length × remaining share, in layers.
  func layerSum(_ fraction: Double) -> Double {
    zip(segmentLengths, remaining(fraction)).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// φ to 2⁻⁵⁰; close to 0 or 1 if the target cannot be met.
  func fraction(meeting target: Double) -> Double {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if layerSum(middle) > target { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
