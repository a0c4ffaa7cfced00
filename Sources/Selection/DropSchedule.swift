import Foundation

/// Keep ratios of a modality's inner drops, such that its retention averaged over all layers meets
/// a target (SEATS, block-wise decay).
///
/// All inner drops together remove a fraction φ of the entering tokens, and drop i of K removes a
/// share of it proportional to eⁱ. φ is found by bisection, and limited to 0…1 if the target cannot
/// be met.
public struct DropSchedule: Sendable, Equatable {
  /// Layers after which an inner drop happens, ascending, counted from 1.
  public let dropLayers: [Int]
  /// Keep ratio of each drop, relative to the tokens just before it; four decimals.
  public let keepRatios: [Double]
  /// Fraction φ of the entering tokens that all inner drops remove; four decimals.
  public let totalDropFraction: Double
  /// Retention ratio that results, averaged over all layers.
  public let averageRetention: Double

  /// Computes the drop schedule of a modality.
  /// - Parameters:
  ///   - target: retention ratio averaged over all `layers`, 0…1.
  ///   - entering: share of tokens that enter the first layer, 0…1.
  ///   - dropLayers: requested drops, ascending; those at or after `removeAfter` are ignored.
  ///   - removeAfter: layer after which all tokens are removed; nil for none.
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

/// Share of a modality's tokens left in each segment between drops, as a function of φ.
private struct RetentionTrajectory {
  let entering: Double
  /// Cumulative share of φ that is removed after 0, 1, … K drops.
  let cumulativeShares: [Double]
  /// Number of layers between consecutive drops.
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

  /// Sum over all layers of the share of tokens left.
  func layerSum(_ fraction: Double) -> Double {
    zip(segmentLengths, remaining(fraction)).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// The fraction φ that meets the target, to a precision of 2⁻⁵⁰; close to 0 or 1 if the target
  /// cannot be met.
  func fraction(meeting target: Double) -> Double {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if layerSum(middle) > target { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
