/// A selection method, by the name used on the command line and in traces.
public struct SelectionMethod: Sendable, Hashable {
  public let rawValue: String

  /// Creates a method with any name; only those in `SelectionMethod.allCases` can be run.
  public init(named name: String) { rawValue = name }
}
