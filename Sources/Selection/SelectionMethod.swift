/// A way of choosing tokens, by the name it has on the command line and in traces.
public struct SelectionMethod: Sendable, Hashable {
  public let rawValue: String

  /// By any name: nothing but `SelectionMethod.allCases` can be run here.
  public init(named name: String) { rawValue = name }
}
