/// Pareto frontier of cost and quality over the points of a sweep, and its knee.
public struct TradeOff: Sendable, Equatable {
  /// One method at one budget, with its cost and quality.
  public struct Point: Sendable, Equatable {
    /// Cost in any unit; lower is better.
    public let cost: Double
    /// Quality from 0 to 1, such as accuracy; higher is better.
    public let merit: Double

    public init(cost: Double, merit: Double) {
      self.cost = cost
      self.merit = merit
    }
  }

  public let points: [Point]
  /// Indices of the Pareto-optimal points, by ascending cost.
  public let frontier: [Int]
  /// Index of the frontier point farthest above the line between the frontier's ends; nil for fewer
  /// than three points.
  public let knee: Int?

  public init(_ points: [Point]) {
    self.points = points
    var frontier: [Int] = []
    var best = -Double.infinity
    for index in points.indices.sorted(by: { Self.isBefore(points[$0], points[$1]) })
    where points[index].merit > best {
      frontier.append(index)
      best = points[index].merit
    }
    self.frontier = frontier
    knee = Self.knee(frontier, points)
  }

  private static func isBefore(_ left: Point, _ right: Point) -> Bool {
    (left.cost, -left.merit) < (right.cost, -right.merit)
  }

  private static func knee(_ frontier: [Int], _ points: [Point]) -> Int? {
    guard frontier.count >= 3, let first = frontier.first.map({ points[$0] }),
      let last = frontier.last.map({ points[$0] }), last.cost > first.cost
    else { return nil }
    // Both axes are scaled to 0…1, so that the line between the ends is the diagonal.
    func height(_ point: Point) -> Double {
      (point.merit - first.merit) / (last.merit - first.merit)
        - (point.cost - first.cost) / (last.cost - first.cost)
    }
    return frontier.max { height(points[$0]) < height(points[$1]) }
  }
}

extension TradeOff {
  /// The points of a sweep. Quality is accuracy if there are several questions, otherwise 1 −
  /// KL/(largest KL).
  public init(_ summary: SweepSummary, cost: (SweepSummary.Point) -> Double) {
    let worst = summary.points.map(\.divergence).max() ?? 0
    let hasAccuracy = summary.hasAccuracy
    self.init(
      summary.points.map { point in
        let agreement = worst > 0 ? 1 - point.divergence / worst : 1
        return Point(
          cost: cost(point), merit: hasAccuracy ? point.accuracy?.share ?? 0 : agreement)
      })
  }
}

extension SweepSummary {
  /// Whether quality is accuracy: several questions have known answers.
  public var hasAccuracy: Bool { points.contains { ($0.accuracy?.asked ?? 0) > 1 } }
}
