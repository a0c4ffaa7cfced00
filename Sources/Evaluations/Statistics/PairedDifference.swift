import Foundation

/// Paired difference in accuracy between two sets of answers to the same questions.
///
/// The standard error is that of the mean difference, clustered by clip, because questions about
/// one clip are not independent (Miller, "Adding Error Bars to Evals", arXiv 2411.00640, equation
/// 4).
public struct PairedDifference: Sendable, Equatable, Encodable {
  /// Number of common questions, and of their clips.
  public let questions, clips: Int
  /// Accuracy of the method and of the baseline on the common questions.
  public let accuracy, baselineAccuracy: Double
  /// Accuracy of the method minus accuracy of the baseline.
  public let difference: Double
  /// Standard error of `difference`, clustered by clip; nil for fewer than two questions.
  public let standardError: Double?
  /// Standard errors of `accuracy` and `baselineAccuracy`, clustered by clip; nil for fewer than
  /// two questions.
  public let accuracyError, baselineError: Double?
  /// Number of questions that only the method answers right, and that only the baseline answers
  /// right.
  public let gained, lost: Int
  /// Two-sided p-value of the exact McNemar test: a binomial test of `gained` against `lost`; nil
  /// if a score is neither 0 nor 1.
  public let mcNemarP: Double?
  /// Two-sided p-value of the paired t-test over questions; nil for fewer than two questions.
  public let pairedTP: Double?

  /// Scores of one question answered by method and baseline.
  public struct Pair: Sendable, Equatable {
    /// Cluster of the question for standard errors: its clip.
    public let cluster: String
    /// Scores of method and baseline: 1 for a right answer, 0 for a wrong one, or between them.
    public let score, baseline: Double

    public init(cluster: String, score: Double, baseline: Double) {
      (self.cluster, self.score, self.baseline) = (cluster, score, baseline)
    }
  }

  private enum CodingKeys: String, CodingKey {
    case questions, clips, accuracy
    case baselineAccuracy = "baseline_accuracy"
    case difference
    case standardError = "standard_error"
    case accuracyError = "accuracy_standard_error"
    case baselineError = "baseline_standard_error"
    case gained, lost
    case mcNemarP = "mcnemar_p"
    case pairedTP = "paired_t_p"
  }

  /// Computes the statistics of the pairs; nil if there are none.
  public init?(_ pairs: [Pair]) {
    guard !pairs.isEmpty else { return nil }
    let count = Double(pairs.count)
    let differences = pairs.map { $0.score - $0.baseline }
    let mean = differences.reduce(0, +) / count
    questions = pairs.count
    clips = Set(pairs.map(\.cluster)).count
    accuracy = pairs.reduce(0) { $0 + $1.score } / count
    baselineAccuracy = pairs.reduce(0) { $0 + $1.baseline } / count
    difference = mean
    gained = pairs.count { $0.score > $0.baseline }
    lost = pairs.count { $0.score < $0.baseline }
    let isBinary = pairs.allSatisfy { pair in
      [pair.score, pair.baseline].allSatisfy { $0 == 0 || $0 == 1 }
    }
    mcNemarP = isBinary ? Self.binomialP(gained, lost) : nil
    let clusters = pairs.map(\.cluster)
    standardError = Self.clusteredError(differences, clusters, mean)
    accuracyError = Self.clusteredError(pairs.map(\.score), clusters, accuracy)
    baselineError = Self.clusteredError(pairs.map(\.baseline), clusters, baselineAccuracy)
    pairedTP = Self.pairedT(differences, mean)
  }

  /// Clustered standard error of a mean: √(Var/n + Σ over pairs of different questions in one
  /// cluster of the product of their deviations / n²).
  static func clusteredError(
    _ values: [Double], _ clusters: [String], _ mean: Double
  ) -> Double? {
    guard values.count > 1 else { return nil }
    let count = Double(values.count)
    var sums: [String: (sum: Double, squares: Double)] = [:]
    for (value, cluster) in zip(values, clusters) {
      let deviation = value - mean
      sums[cluster, default: (0, 0)].sum += deviation
      sums[cluster, default: (0, 0)].squares += deviation * deviation
    }
    // In one order always, so that equal values give equal errors to the last bit.
    let ordered = sums.sorted { $0.key < $1.key }.map(\.value)
    let squares = ordered.reduce(0) { $0 + $1.squares }
    let products = ordered.reduce(0) { $0 + $1.sum * $1.sum - $1.squares }
    return max(0, squares / (count - 1) / count + products / (count * count)).squareRoot()
  }

  private static func pairedT(_ differences: [Double], _ mean: Double) -> Double? {
    guard differences.count > 1 else { return nil }
    let count = Double(differences.count)
    let variance =
      differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    guard variance > 0 else { return mean == 0 ? 1 : 0 }
    return StudentDistribution.twoSided(
      mean / (variance / count).squareRoot(), degrees: count - 1)
  }

  /// Two-sided p-value of the binomial test: the probability that, of `a + b` fair coin tosses, at
  /// most min(a, b) show the same side.
  static func binomialP(_ a: Int, _ b: Int) -> Double {
    let total = a + b
    guard total > 0 else { return 1 }
    func logarithm(_ k: Int) -> Double {
      lgamma(Double(total + 1)) - lgamma(Double(k + 1)) - lgamma(Double(total - k + 1))
        - Double(total) * log(2.0)
    }
    return min(1, 2 * (0...min(a, b)).reduce(0) { $0 + exp(logarithm($1)) })
  }
}
