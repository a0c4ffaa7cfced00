import Foundation
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
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = (try? encoder.encode(settings)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return Key(method: label, retention: retention, settings: text.stableHash)
  }

  /// What tells points apart in a results file.
  public struct Key: Sendable, Hashable, Codable {
    public let method: String
    public let retention: Double
    /// Hash of all settings: other drop layers are another point.
    public let settings: String
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
