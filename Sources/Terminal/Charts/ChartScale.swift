import Foundation

/// A linear scale of a chart axis, with ticks at round numbers.
public struct ChartScale: Sendable, Equatable {
  /// The steps between ticks that a scale may have.
  public enum Steps: Sendable, Equatable {
    /// 1, 2 or 5 times a power of ten.
    case decimal
    /// The same, at least 1: for counted things, such as layers.
    case whole
    /// Steps of a clock from one second up: 1, 2, 5, 10, 15, 30 s, 1, 2, 5 min and so on.
    case seconds
  }

  /// Values at the two ends of the axis; `upper` is greater than `lower`.
  public let lower, upper: Double
  /// Tick values, ascending, inside the scale.
  public let ticks: [Double]
  /// Number of decimals of the tick labels.
  public let digits: Int

  /// A scale over a range of values.
  /// - Parameters:
  ///   - range: the values; an empty range is widened.
  ///   - most: maximum number of ticks, at least 2.
  ///   - isExtended: whether the ends are moved outwards to ticks.
  public init(
    _ range: ClosedRange<Double>, _ steps: Steps = .decimal, most: Int, isExtended: Bool = false
  ) {
    let (low, high) = Self.widened(range)
    let most = max(2, most)
    var step = Self.firstStep(steps, atLeast: (high - low) / Double(most))
    func count(_ step: Double) -> Double {
      isExtended
        ? (high / step).rounded(.up) - (low / step).rounded(.down) + 1
        : (high / step).rounded(.down) - (low / step).rounded(.up) + 1
    }
    // An extended scale has up to two ticks more than the range has room for.
    for _ in 0..<4 where count(step) > Double(most) {
      step = Self.firstStep(steps, atLeast: step * 1.01)
    }
    let (first, last) =
      isExtended
      ? ((low / step).rounded(.down), (high / step).rounded(.up))
      : ((low / step - 1e-9).rounded(.up), (high / step + 1e-9).rounded(.down))
    let (bottom, top) = isExtended ? (first * step, last * step) : (low, high)
    (lower, upper) = (bottom, top)
    digits = min(9, max(0, Int(-log10(step * 1.000001).rounded(.down))))
    let indices = Int(max(0, min(1000, last - first + 1)))
    ticks = (0..<indices).map { min(top, max(bottom, (first + Double($0)) * step)) }
  }

  /// The place of a value on the axis, 0…1; values beyond the ends are moved to them.
  public func share(_ value: Double) -> Double {
    min(1, max(0, (value - lower) / (upper - lower)))
  }

  /// The label of a tick.
  public func label(_ tick: Double) -> String {
    guard abs(tick) < 1e7 else { return String(format: "%.3g", tick) }
    let text = String(format: "%.\(digits)f", tick)
    return text.contains { $0 != "-" && $0 != "0" && $0 != "." }
      ? text : String(text.drop { $0 == "-" })
  }

  private static func widened(_ range: ClosedRange<Double>) -> (Double, Double) {
    let limit = 1e15
    let (low, high) = (
      min(limit, max(-limit, range.lowerBound)), min(limit, max(-limit, range.upperBound))
    )
    let least = max(1e-9, max(abs(low), abs(high)) * 1e-6)
    guard high - low < least else { return (low, high) }
    let margin = max(least, high == 0 ? 1 : abs(high) / 2)
    return (low - margin, high + margin)
  }

  /// The smallest allowed step that is at least `least`.
  private static func firstStep(_ steps: Steps, atLeast least: Double) -> Double {
    switch steps {
    case .decimal: return decimalStep(least)
    case .whole: return max(1, decimalStep(max(1, least)))
    case .seconds:
      guard least > 1 else { return decimalStep(least) }
      let clock: [Double] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200]
      return clock.first { $0 >= least } ?? 3600 * decimalStep(least / 3600)
    }
  }

  private static func decimalStep(_ least: Double) -> Double {
    let power = pow(10, log10(max(least, 1e-12)).rounded(.down))
    return ([1, 2, 5, 10].map { $0 * power }.first { $0 >= least * 0.999999 }) ?? 10 * power
  }
}
