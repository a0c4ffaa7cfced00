/// Text attributes other than colours, such as bold.
public struct Modifiers: OptionSet, Sendable, Hashable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  public static let bold = Modifiers(rawValue: 1)
  public static let dim = Modifiers(rawValue: 2)
  public static let italic = Modifiers(rawValue: 4)
  public static let underlined = Modifiers(rawValue: 8)
  public static let reversed = Modifiers(rawValue: 16)

  /// Names of the attributes in theme files, in the order in which they are listed.
  public static let names: [(name: String, value: Modifiers)] = [
    ("bold", .bold), ("dim", .dim), ("italic", .italic), ("underlined", .underlined),
    ("reversed", .reversed),
  ]
}

/// Colours and text attributes of a cell.
public struct Style: Sendable, Hashable {
  public var foreground: Color
  public var background: Color
  public var modifiers: Modifiers

  public init(
    foreground: Color = .standard, background: Color = .standard, modifiers: Modifiers = []
  ) {
    self.foreground = foreground
    self.background = background
    self.modifiers = modifiers
  }

  /// The default colours of the terminal, without attributes.
  public static let plain = Style()

  /// This style with another one on top: the other's colours where it has any, and the attributes
  /// of both.
  public func overlaid(with other: Style) -> Style {
    Style(
      foreground: other.foreground == .standard ? foreground : other.foreground,
      background: other.background == .standard ? background : other.background,
      modifiers: modifiers.union(other.modifiers))
  }
}

extension Style: CustomStringConvertible {
  public var description: String {
    var parts: [String] = []
    if foreground != .standard { parts.append("fg \(foreground)") }
    if background != .standard { parts.append("bg \(background)") }
    parts += Modifiers.names.filter { modifiers.contains($0.value) }.map(\.name)
    return parts.isEmpty ? "plain" : parts.joined(separator: " ")
  }
}
