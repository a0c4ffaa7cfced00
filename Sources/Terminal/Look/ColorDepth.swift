/// Number of colours that a terminal has.
public enum ColorDepth: Int, Sendable, Comparable, CaseIterable {
  case mono = 0
  case eight = 8
  case sixteen = 16
  case full = 256
  /// Any colour, by its red, green and blue components.
  case direct = 0x1_000000

  public static func < (a: ColorDepth, b: ColorDepth) -> Bool { a.rawValue < b.rawValue }

  /// The colour depth for the number of colours in terminfo.
  public init(colors: Int) {
    self = Self.allCases.last { $0.rawValue <= max(0, colors) } ?? .mono
  }
}

/// Value of the `--color` option.
public enum ColorChoice: String, Sendable, CaseIterable {
  case auto, always, never
  case sixteen = "16"
  case full = "256"
  case direct = "truecolor"

  /// Whether a terminal may be sent colours by their components: if asked for, or if it says that it
  /// knows them. GNU screen passes the variable on and does not.
  public func allowsDirect(terminal name: String, environment: [String: String]) -> Bool {
    guard self != .direct else { return true }
    guard self == .auto || self == .always else { return false }
    let isScreen = name.hasPrefix("screen") && environment["TMUX", default: ""].isEmpty
    return ["truecolor", "24bit"].contains(environment["COLORTERM", default: ""]) && !isScreen
  }

  /// The colour depth to use. The option or configuration overrides `NO_COLOR`, which overrides the
  /// terminal.
  public func depth(terminal: ColorDepth, environment: [String: String]) -> ColorDepth {
    switch self {
    case .never: .mono
    case .sixteen: .sixteen
    case .full: .full
    case .direct: max(terminal, .full)
    case .always: max(terminal, .eight)
    case .auto: environment["NO_COLOR", default: ""].isEmpty ? terminal : .mono
    }
  }
}

extension ColorDepth {
  /// The nearest colour that a terminal of this depth has.
  public func nearest(_ color: Color) -> Color {
    switch (self, color) {
    case (_, .standard), (.mono, _): .standard
    case (.direct, _): color
    case (.full, .rgb(let r, let g, let b)): .indexed(Palette.nearest256(r, g, b))
    case (.full, .indexed): color
    case (_, .rgb(let r, let g, let b)):
      .indexed(Palette.nearest(r, g, b, among: 0..<UInt8(rawValue)))
    case (_, .indexed(let index)):
      index < rawValue ? color : nearestNamed(index)
    }
  }

  private func nearestNamed(_ index: UInt8) -> Color {
    // Bright colours map to the normal ones of the same hue; `nearest(_:ground:)` makes them bold.
    if index < 16 { return .indexed(index - 8) }
    let (r, g, b) = Palette.components(of: index)
    return .indexed(Palette.nearest(r, g, b, among: 0..<UInt8(rawValue)))
  }

  /// The nearest style for this depth: without colours, a background becomes reverse video; with
  /// eight colours, bright colours become bold.
  public func nearest(_ style: Style, ground: Color = .standard) -> Style {
    var result = Style(
      foreground: nearest(style.foreground), background: nearest(style.background),
      modifiers: style.modifiers)
    if self == .mono, style.background != .standard, style.background != ground {
      result.modifiers.formSymmetricDifference(.reversed)
    }
    if self == .eight, case .indexed(8..<16) = style.foreground { result.modifiers.insert(.bold) }
    return result
  }
}
