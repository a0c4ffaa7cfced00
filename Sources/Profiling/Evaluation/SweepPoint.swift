import Selection

/// A method at a budget: what a sweep measures on every question.
public struct SweepPoint: Sendable, Equatable {
  /// The method, or the name of a variant of it.
  public let label: String
  /// Nominal retention in percent; 100 for full tokens.
  public let retention: Double
  public let settings: SelectionSettings

  public init(label: String, retention: Double, settings: SelectionSettings) {
    self.label = label
    self.retention = retention
    self.settings = settings
  }

  /// Full tokens: what every other point is compared with.
  public static func full(_ settings: SelectionSettings) -> SweepPoint {
    var settings = settings
    settings.method = .full
    settings.budget = RetentionBudget(video: 1, audio: 1)
    return SweepPoint(
      label: SelectionMethod.full.rawValue, retention: 100, settings: settings)
  }

  public var key: Key {
    Key(method: label, retention: retention, settings: settings.identity)
  }

  /// What tells points apart in a results file.
  public struct Key: Sendable, Hashable, Codable {
    public let method: String
    public let retention: Double
    /// All settings that matter, by their names: other drop layers are another point. A hash in
    /// files of the first format.
    public let settings: String
  }

  /// Points that differ, in the order in which they first appear, and those that appear again.
  public static func distinct(
    _ points: [SweepPoint]
  ) -> (points: [SweepPoint], repeated: [SweepPoint]) {
    var seen: Set<Key> = []
    let isNew = points.map { seen.insert($0.key).inserted }
    let marked = zip(points, isNew)
    return (marked.filter(\.1).map(\.0), marked.filter { !$0.1 }.map(\.0))
  }
}

extension SweepPoint.Key: Comparable {
  /// Full tokens first, then methods as they are listed, then budgets from large to small.
  public static func < (left: Self, right: Self) -> Bool {
    (left.rank, left.method, -left.retention, left.settings)
      < (right.rank, right.method, -right.retention, right.settings)
  }

  private var rank: Int {
    let methods = SelectionMethod.allCases
    return methods.firstIndex { $0.rawValue == method } ?? methods.count
  }
}
