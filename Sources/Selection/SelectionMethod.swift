/// A selection method, by its name on the command line and in traces.
public struct SelectionMethod: Sendable, Hashable {
  public let rawValue: String

  /// A method of any name; only `SelectionMethod.allCases` can be run.
  public init(named name: String) { rawValue = name }
}
