/// A conversation with the model: turns, oldest first, each with texts and clips in order.
public struct Conversation: Sendable {
  /// Role of the turn's author.
  public enum Role: String, Sendable, CaseIterable {
    case system, user, assistant
  }

  public enum Part: Sendable {
    case text(String)
    /// A media clip; its own question and system text are ignored.
    case clip(ClipInput)
  }

  public struct Turn: Sendable {
    public var role: Role
    public var parts: [Part]

    public init(_ role: Role, _ parts: [Part]) {
      self.role = role
      self.parts = parts
    }

    /// All texts of the turn, concatenated.
    public var text: String {
      parts.map { if case .text(let text) = $0 { text } else { "" } }.joined()
    }
  }

  public var turns: [Turn]

  public init(_ turns: [Turn]) { self.turns = turns }

  /// A conversation of one clip and one question about it.
  public init(_ clip: ClipInput) {
    let system = clip.system.map { Turn(.system, [.text($0)]) }
    turns = (system.map { [$0] } ?? []) + [Turn(.user, [.clip(clip), .text(clip.question)])]
  }

  /// The clips of all turns, in order.
  public var clips: [ClipInput] {
    turns.flatMap(\.parts).compactMap { if case .clip(let clip) = $0 { clip } else { nil } }
  }

  /// The text of the user's last turn.
  public var question: String { turns.last { $0.role == .user }?.text ?? "" }

  /// A copy in which the text of the user's last turn is replaced: at its place, if the texts are
  /// side by side, otherwise after all clips of the turn.
  package func asking(_ question: String) -> Conversation {
    guard question != self.question, let last = turns.lastIndex(where: { $0.role == .user }) else {
      return self
    }
    var asked = self
    let parts = turns[last].parts
    let isText = parts.map { if case .text = $0 { true } else { false } }
    let (first, end) = (isText.firstIndex(of: true), isText.lastIndex(of: true))
    if let first, let end, isText[first...end].allSatisfy({ $0 }) {
      asked.turns[last].parts.replaceSubrange(first...end, with: [.text(question)])
    } else {
      asked.turns[last].parts = zip(parts, isText).filter { !$0.1 }.map(\.0) + [.text(question)]
    }
    return asked
  }

  /// Whether the texts of the user's last turn are side by side, so that one question can replace
  /// them.
  package var hasOneQuestion: Bool {
    let parts = turns.last { $0.role == .user }?.parts ?? []
    let isText = parts.map { if case .text = $0 { true } else { false } }
    guard let first = isText.firstIndex(of: true), let end = isText.lastIndex(of: true) else {
      return turns.contains { $0.role == .user }
    }
    return isText[first...end].allSatisfy { $0 }
  }

  /// A copy without pixels and audio samples.
  var withoutMedia: Conversation {
    Conversation(
      turns.map { turn in
        Turn(
          turn.role,
          turn.parts.map { part in
            guard case .clip(let clip) = part else { return part }
            return .clip(ClipInput(question: "", secondsPerGrid: clip.secondsPerGrid))
          })
      })
  }
}
