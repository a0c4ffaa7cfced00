import Selection

/// A point of a sweep: a method at a budget.
public struct SweepPoint: Sendable, Equatable {
  /// Name of the method or of its variant.
  public let label: String
  /// Nominal retention in percent; 100 for full tokens.
  public let retention: Double
  public let settings: SelectionSettings

  public init(label: String, retention: Double, settings: SelectionSettings) {
    self.label = label
    self.retention = retention
    self.settings = settings
  }

  /// The point of full tokens, with which all others are compared; nothing is dropped by hand.
  public static func full(_ settings: SelectionSettings) -> SweepPoint {
    var settings = settings
    settings.forced = ForcedTokens()
    settings.method = .full
    settings.budget = RetentionBudget(video: 1, audio: 1)
    return SweepPoint(
      label: SelectionMethod.full.rawValue, retention: 100, settings: settings)
  }

  public var key: Key {
    Key(method: label, retention: retention, settings: settings.identity)
  }

  /// Key of a point in a results file.
  public struct Key: Sendable, Hashable, Codable {
    public let method: String
    public let retention: Double
    /// Settings as text; a hash in files of the first format.
    public let settings: String
  }

  /// Splits points into distinct ones, in order of first occurrence, and repeated ones.
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
  /// Order of points: full tokens, then methods in list order, then descending budgets.
  public static func < (left: Self, right: Self) -> Bool {
    (left.rank, left.method, -left.retention, left.settings)
      < (right.rank, right.method, -right.retention, right.settings)
  }

  private var rank: Int {
    let methods = SelectionMethod.allCases
    return methods.firstIndex { $0.rawValue == method } ?? methods.count
  }
}
