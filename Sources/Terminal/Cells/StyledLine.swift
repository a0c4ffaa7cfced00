/// A line of text whose parts have roles: `[.span("T ", .text), "12 tokens"]`.
public struct StyledLine: Sendable, Equatable, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral
{
  /// A part of a line, with one role.
  public struct Span: Sendable, Equatable, ExpressibleByStringLiteral {
    public let text: String
    public let role: Role

    public init(_ text: String, _ role: Role = .normal) {
      self.text = text
      self.role = role
    }

    public init(stringLiteral value: String) {
      self.init(value)
    }

    /// Same as `init`, for use in array literals.
    public static func span(_ text: String, _ role: Role = .normal) -> Span { Span(text, role) }
  }

  public var spans: [Span]

  public init(_ spans: [Span] = []) {
    self.spans = spans
  }

  public init(_ text: String, _ role: Role = .normal) {
    spans = [Span(text, role)]
  }

  public init(stringLiteral value: String) {
    self.init(value)
  }

  public init(arrayLiteral elements: Span...) {
    spans = elements
  }

  /// Appends a text with a role. Spaces before a warning or an error have no role: themes may
  /// underline these roles.
  public mutating func append(_ text: String, _ role: Role = .normal) {
    let spaces = role == .warning || role == .error ? text.prefix { $0 == " " } : ""
    if !spaces.isEmpty { spans.append(Span(String(spaces))) }
    spans.append(Span(String(text.dropFirst(spaces.count)), role))
  }

  /// Concatenates two lines.
  public static func + (a: StyledLine, b: StyledLine) -> StyledLine {
    StyledLine(a.spans + b.spans)
  }

  /// Width of the line, in cells.
  public func width(ascii: Bool) -> Int {
    spans.reduce(0) { $0 + CleanText($1.text, ascii: ascii).width }
  }
}
