import Foundation

/// Student's t distribution.
enum StudentDistribution {
  /// Two-sided p-value of the statistic `t`.
  /// - Parameter degrees: degrees of freedom, positive.
  static func twoSided(_ t: Double, degrees: Double) -> Double {
    guard t.isFinite else { return t.isNaN ? .nan : 0 }
    return incompleteBeta(degrees / 2, 0.5, at: degrees / (degrees + t * t))
  }

  /// The regularised incomplete beta function I_x(a, b).
  private static func incompleteBeta(_ a: Double, _ b: Double, at x: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    let front = exp(
      lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    // The continued fraction converges fast if x is below the mean; otherwise use the symmetry.
    return x < (a + 1) / (a + b + 2)
      ? front * fraction(a, b, x) / a : 1 - front * fraction(b, a, 1 - x) / b
  }

  /// The continued fraction of I_x(a, b), by Lentz's method.
  private static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
    let tiny = 1e-300
    func safe(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var numerator = 1.0
    var denominator = 1 / safe(1 - (a + b) * x / (a + 1))
    var result = denominator
    for step in 1...10_000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      var change = 1.0
      for term in [even, odd] {
        denominator = 1 / safe(1 + term * denominator)
        numerator = safe(1 + term / numerator)
        change = denominator * numerator
        result *= change
      }
      if abs(change - 1) < 1e-15 { break }
    }
    return result
  }
}
