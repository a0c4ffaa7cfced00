/// Rendering of conversations with several turns.
extension ChatTemplate {
  /// A part of a rendered prompt: text or a medium.
  enum Piece: Equatable {
    case text(String)
    case media(String)
  }

  /// Renders the template for a conversation.
  /// - Parameter kinds: media of each clip, named as in templates: `image`, `video`, `audio`.
  func rendered(_ conversation: Conversation, kinds: [[String]]) throws(TemplateError) -> String {
    var clip = 0
    let messages = conversation.turns.map { turn in
      let parts = turn.parts.flatMap { part -> [TemplateValue] in
        guard case .clip = part else {
          if case .text(let text) = part { return [Self.part("text", text)] }
          return []
        }
        defer { clip += 1 }
        return kinds[clip].map { Self.part($0, "file") }
      }
      return TemplateValue.table(["role": .string(turn.role.rawValue), "content": .list(parts)])
    }
    return try TemplateRendering.text(
      of: TemplateParser.nodes(text),
      ["messages": .list(messages), "add_generation_prompt": .bool(true)])
  }

  private static func part(_ type: String, _ value: String) -> TemplateValue {
    .table(["type": .string(type), type: .string(value)])
  }

  /// Splits a rendered prompt at the placeholders of media; empty texts are omitted.
  static func pieces(_ rendered: String) -> [Piece] {
    var pieces: [Piece] = []
    var rest = rendered[...]
    func add(_ text: Substring) {
      if !text.isEmpty { pieces.append(.text(String(text))) }
    }
    while let next = firstMarker(in: rest) {
      add(rest[..<next.range.lowerBound])
      pieces.append(.media(next.kind))
      rest = rest[next.range.upperBound...]
    }
    add(rest)
    return pieces
  }

  private static func firstMarker(
    in text: Substring
  ) -> (range: Range<Substring.Index>, kind: String)? {
    let found = ChatStyle.markers.flatMap { kind, markers in
      markers.compactMap { marker in text.firstRange(of: marker).map { (range: $0, kind: kind) } }
    }
    return found.min { $0.range.lowerBound < $1.range.lowerBound }
  }
}
