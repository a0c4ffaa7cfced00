/// A chart of curves, points and columns over two axes, drawn with braille lines or in ASCII.
///
/// Every series has a letter and a role, so that no meaning is in colour alone. A point that lies in
/// the cell of another one is listed in a free corner: `C under A 35`. All charts of the program use
/// this widget.
public struct Chart: Widget, Equatable {
  public var x: Axis
  public var y: Axis
  /// Curves and points; where they overlap, the first series is on top.
  public var series: [Series]
  /// Columns, drawn below the curves.
  public var columns: [Column]
  public var bands: [Band]

  public init(
    x: Axis, y: Axis, series: [Series] = [], columns: [Column] = [], bands: [Band] = []
  ) {
    (self.x, self.y, self.series, self.columns, self.bands) = (x, y, series, columns, bands)
  }

  /// An axis: its title and range, and the kind of its ticks.
  public struct Axis: Sendable, Equatable {
    public var title: String
    /// Values at the ends; nil for those of the points, extended to ticks.
    public var range: ClosedRange<Double>?
    public var steps: ChartScale.Steps
    /// Text after each number, such as ` %`.
    public var unit: String
    /// Whether an axis without `range` starts at 0.
    public var startsAtZero: Bool
    public var isShown: Bool

    public init(
      _ title: String = "", range: ClosedRange<Double>? = nil,
      steps: ChartScale.Steps = .decimal, unit: String = "", startsAtZero: Bool = false,
      isShown: Bool = true
    ) {
      (self.title, self.range, self.steps, self.unit) = (title, range, steps, unit)
      (self.startsAtZero, self.isShown) = (startsAtZero, isShown)
    }
  }

  /// A measured point.
  public struct Point: Sendable, Equatable {
    public enum Emphasis: Int, Sendable, Comparable {
      case none, strong, selected

      public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    public var x, y: Double
    /// Standard error of `y`, drawn as a bar of y ± error; 0 for none.
    public var error: Double
    /// Name of the point in the list of hidden points, such as its budget or layer.
    public var name: String
    public var emphasis: Emphasis

    public init(
      _ x: Double, _ y: Double, error: Double = 0, name: String = "", emphasis: Emphasis = .none
    ) {
      (self.x, self.y, self.error, self.name, self.emphasis) = (x, y, error, name, emphasis)
    }

    var isFinite: Bool { x.isFinite && y.isFinite }
  }

  /// A curve through points.
  public struct Series: Sendable, Equatable {
    public enum Line: Sendable, Equatable {
      case solid, dotted, none
    }

    public enum Letters: Sendable, Equatable {
      /// The letter at every point, for few points.
      case every
      /// The letter here and there along the line: many points.
      case spaced
    }

    /// The letter of the series; nil for a line that has no points of its own, such as a frontier.
    public var letter: Character?
    public var role: Role
    /// Points in the order in which the line joins them; nil leaves a gap.
    public var points: [Point?]
    public var line: Line
    public var letters: Letters

    public init(
      _ letter: Character?, _ role: Role, _ points: [Point?], line: Line = .solid,
      letters: Letters = .every
    ) {
      (self.letter, self.role, self.points) = (letter, role, points)
      (self.line, self.letters) = (line, letters)
    }
  }

  /// A column from the bottom of the chart, between two values of x.
  public struct Column: Sendable, Equatable {
    public var from, to: Double
    public var y: Double
    public var role: Role
    /// Whether the rest of the column, up to the top of the chart, is filled with dots.
    public var hasGround: Bool

    public init(from: Double, to: Double, y: Double, role: Role, hasGround: Bool = false) {
      (self.from, self.to, self.y, self.role, self.hasGround) = (from, to, y, role, hasGround)
    }
  }

  /// A range of x with a name below the axis, such as a block of layers.
  public struct Band: Sendable, Equatable {
    public var from, to: Double
    public var name: String
    public var isShaded: Bool

    public init(from: Double, to: Double, name: String = "", isShaded: Bool = false) {
      (self.from, self.to, self.name, self.isShaded) = (from, to, name, isShaded)
    }
  }

  /// Roles for series without a role of their own, in the order in which they are used; further
  /// series use them again and differ by letter.
  public static func role(ofSeries index: Int) -> Role {
    let roles: [Role] = [.video, .audio, .current, .error, .normal]
    return roles[index % roles.count]
  }
}
