/// Paired differences between the points of a sweep and a baseline method at the same retention, on
/// common questions with a known right answer.
public struct SweepBaseline: Sendable, Equatable, Encodable {
  /// Name of the baseline method.
  public let method: String
  /// Differences from the baseline, in the order of the points.
  public let differences: [PointDifference]
  /// Points that cannot be compared with the baseline, with the reason.
  public let missing: [MissingDifference]

  /// Difference between one point and the baseline.
  public struct PointDifference: Sendable, Equatable, Encodable {
    public let method: String
    /// Nominal retention of the point and of the baseline, in percent; 100 for full tokens.
    public let retention, baselineRetention: Double
    public let settings, baselineSettings: String
    public let paired: PairedDifference
  }

  /// A point that cannot be compared with the baseline.
  public struct MissingDifference: Sendable, Equatable, Encodable {
    public enum Reason: String, Sendable, Encodable {
      /// The baseline has no results at this retention.
      case noBaseline = "no_baseline"
      /// No question with a known right answer was answered at both points.
      case noPairs = "no_pairs"
    }

    public let method: String
    public let retention: Double
    public let reason: Reason
  }

  /// Compares all points with the baseline `method`.
  /// - Throws: `SweepBaselineError` if there are no results of the method.
  public init(_ method: String, _ results: [SweepResult]) throws(SweepBaselineError) {
    let groups = Dictionary(grouping: results, by: \.point)
    let keys = groups.keys.sorted()
    let isFull = method == "full"
    let baselines = keys.filter { $0.method == method }
    guard !baselines.isEmpty else {
      var methods: [String] = []
      for key in keys where !methods.contains(key.method) { methods.append(key.method) }
      throw SweepBaselineError(method: method, methods: methods)
    }
    var differences: [PointDifference] = []
    var missing: [MissingDifference] = []
    for key in keys where key.method != method {
      let others = baselines.filter { isFull || $0.retention == key.retention }
      let found = others.compactMap { other in
        PairedDifference(groups[key] ?? [], baseline: groups[other] ?? []).map {
          PointDifference(
            method: key.method, retention: key.retention, baselineRetention: other.retention,
            settings: key.settings, baselineSettings: other.settings, paired: $0)
        }
      }
      differences += found
      guard found.isEmpty, key.method != "full" else { continue }
      missing.append(
        MissingDifference(
          method: key.method, retention: key.retention,
          reason: others.isEmpty ? .noBaseline : .noPairs))
    }
    (self.method, self.differences, self.missing) = (method, differences, missing)
  }
}

/// Error: there are no results of the baseline method.
public struct SweepBaselineError: Error, Sendable, Equatable {
  public let method: String
  /// Methods that have results.
  public let methods: [String]
}

extension PairedDifference {
  /// Compares the results of two points on common questions with a known right answer; nil if there
  /// are none.
  init?(_ results: [SweepResult], baseline: [SweepResult]) {
    let known = Dictionary(
      baseline.compactMap { result in result.isRight.map { (result.question, $0) } },
      uniquingKeysWith: { first, _ in first })
    var seen: Set<String> = []
    self.init(
      results.compactMap { result in
        guard let isRight = result.isRight, let other = known[result.question],
          seen.insert(result.question).inserted
        else { return nil }
        return Pair(cluster: result.cluster, score: isRight ? 1 : 0, baseline: other ? 1 : 0)
      })
  }
}
