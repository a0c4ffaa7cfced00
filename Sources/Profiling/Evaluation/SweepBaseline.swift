/// The points of a sweep against one of its methods: each at its own retention, on the questions that
/// both answered and whose right answer is known.
public struct SweepBaseline: Sendable, Equatable, Encodable {
  /// The method that the others are compared with.
  public let method: String
  /// In the order of the points.
  public let differences: [PointDifference]
  /// Points that have no difference, and why.
  public let missing: [MissingDifference]

  /// A point against the baseline.
  public struct PointDifference: Sendable, Equatable, Encodable {
    public let method: String
    /// Nominal, in percent; full tokens have 100.
    public let retention, baselineRetention: Double
    public let settings, baselineSettings: String
    public let paired: PairedDifference
  }

  /// A point that cannot be compared with the baseline.
  public struct MissingDifference: Sendable, Equatable, Encodable {
    public enum Reason: String, Sendable, Encodable {
      /// The baseline has no results at this retention.
      case noBaseline = "no_baseline"
      /// Both answered no question whose right answer is known.
      case noPairs = "no_pairs"
    }

    public let method: String
    public let retention: Double
    public let reason: Reason
  }

  /// - Throws: `SweepBaselineError` where no result is of the method.
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

/// No result is of the method that others are to be compared with.
public struct SweepBaselineError: Error, Sendable, Equatable {
  public let method: String
  /// Those that there are.
  public let methods: [String]
}

extension PairedDifference {
  /// Of results of two points: questions that both answered and whose right answer is known.
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
