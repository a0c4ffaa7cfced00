/// One cell of the screen: a code point with up to two combining marks, and a style.
public struct Cell: Sendable, Hashable {
  /// Code point shown in the cell; 0 in the second cell of a wide glyph.
  public var base: UInt32
  /// Combining marks on the code point; 0 for none.
  public var mark: UInt32
  public var secondMark: UInt32
  public var style: Style

  public init(base: UInt32, mark: UInt32 = 0, secondMark: UInt32 = 0, style: Style = .plain) {
    self.base = base
    self.mark = mark
    self.secondMark = secondMark
    self.style = style
  }

  /// An empty cell in a style.
  public static func blank(_ style: Style = .plain) -> Cell { Cell(base: 0x20, style: style) }

  /// Whether the cell is the second half of a wide glyph.
  public var isContinuation: Bool { base == 0 }

  /// The glyph as text; empty for the second half of a wide glyph.
  public var text: String {
    var result = String.UnicodeScalarView()
    for value in [base, mark, secondMark] where value != 0 {
      if let scalar = Unicode.Scalar(value) { result.append(scalar) }
    }
    return String(result)
  }
}
