import ArgumentParser
import Foundation
import Selection

/// Valid ranges of numeric options, with one error message for all.
enum OptionBounds {
  /// Checks that a value is in its range.
  /// - Parameter kind: kind of the value for the error message, such as `a count`.
  /// - Throws: `ValidationError`.
  static func check(
    _ value: Double?, in range: ClosedRange<Double>, _ option: String, _ kind: String
  ) throws {
    guard let value, !range.contains(value) else { return }
    throw ValidationError(
      "\(option) takes \(kind) from \(bounds(range)), not \(value.formatted()).")
  }

  static func check(_ value: Double?, _ parameter: SelectionParameter, _ kind: String) throws {
    try check(value, in: parameter.range, "--\(parameter.name)", kind)
  }

  fileprivate static func bounds(_ range: ClosedRange<Double>) -> String {
    let least =
      range.lowerBound > 0 && range.lowerBound < 0.001
      ? "just above 0" : range.lowerBound.formatted()
    return "\(least) to \(range.upperBound.formatted())"
  }
}

extension SelectionParameter {
  /// Range and default for the help text: `0 to 1,000, default 1.4`.
  var limits: String {
    OptionBounds.bounds(range) + (standard.map { ", default \($0.formatted())" } ?? "")
  }
}
