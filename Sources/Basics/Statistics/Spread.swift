/// The median of `values`: the middle one when sorted, or the mean of the middle two; 0 if empty.
public func median(_ values: [Double]) -> Double {
  guard !values.isEmpty else { return 0 }
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count.isMultiple(of: 2)
    ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}

/// Median, minimum and maximum of a few measurements.
public struct Spread: Sendable, Equatable {
  public let count: Int
  public let median, least, most: Double

  /// Computes median and range of `values`; nil if there are none.
  public init?(_ values: [Double]) {
    guard let least = values.min(), let most = values.max() else { return nil }
    count = values.count
    median = Basics.median(values)
    (self.least, self.most) = (least, most)
  }
}
