extension StyledLine {
  /// The text as lines of at most `limit` cells, broken at spaces if possible; every part keeps its
  /// role. The text is cleaned as when it is written to a frame.
  public func wrapped(to limit: Int, ascii: Bool) -> [StyledLine] {
    let cleaned = spans.map { CleanText($0.text, ascii: ascii).shown }
    let roles = zip(spans, cleaned).flatMap { span, text in
      text.unicodeScalars.map { (scalar: $0, role: span.role) }
    }
    var rest = roles[...]
    return CleanText(cleaned.joined(), ascii: ascii).wrapped(to: limit).map { line in
      var styled = StyledLine()
      for scalar in line.shown.unicodeScalars {
        // Spaces at a line break are removed.
        rest = rest.drop { $0.scalar != scalar }
        guard let next = rest.popFirst() else { break }
        styled.add(scalar, next.role)
      }
      return styled
    }
  }

  private mutating func add(_ scalar: Unicode.Scalar, _ role: Role) {
    if let last = spans.last, last.role == role {
      spans[spans.count - 1] = Span(last.text + String(Character(scalar)), role)
    } else {
      append(String(Character(scalar)), role)
    }
  }
}
