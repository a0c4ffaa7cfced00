/// A chat prompt in Qwen's format: each turn from `<|im_start|>` and a role to `<|im_end|>`, then
/// the start of the assistant's turn.
struct ChatPrompt {
  let conversation: Conversation
  /// Default system text and answer prefix of the checkpoint's chat template.
  let style: ChatStyle
  /// The chat template, if it has Qwen's format; it may still differ for several turns.
  var template: ChatTemplate?
  /// Prompt segments of each clip of the conversation, in order.
  let media: [[PromptSegment]]
  /// Text that belongs before each clip's tokens and is encoded with the preceding text; often
  /// empty.
  let openings: [String]

  /// The segments of the prompt, and an audit fact on the chat template.
  func segments(
    _ tokenizer: Tokenizer
  ) throws(CheckpointError) -> (segments: [PromptSegment], fact: CheckpointFact?) {
    do throws(TemplateError) {
      if let followed = try followed(tokenizer) {
        let fact = "several turns are written by the checkpoint's template"
        return (followed, CheckpointFact("chat template", fact))
      }
    } catch {
      let fact =
        "not applied to several turns (\(error.words)): published format used"
      return (try plain(tokenizer), CheckpointFact("chat template", fact, isWarning: true))
    }
    return (try plain(tokenizer), nil)
  }

  /// The segments as the chat template writes several turns; nil if the result is the same as
  /// `plain`.
  private func followed(_ tokenizer: Tokenizer) throws(TemplateError) -> [PromptSegment]? {
    let kinds = media.map { $0.map(\.templateKind) }
    guard let template, conversation.hasSeveralTurns, kinds.allSatisfy({ $0.count <= 1 }) else {
      return nil
    }
    let written = ChatTemplate.pieces(try template.rendered(conversation, kinds: kinds))
    guard written != pieces(kinds) else { return nil }
    let shown = written.compactMap { if case .media(let kind) = $0 { kind } else { nil } }
    guard shown == kinds.joined().map({ $0 }) else {
      throw .unsupported("it writes media the conversation does not have")
    }
    let clips = kinds.indices.filter { !kinds[$0].isEmpty }
    var (segments, text, shownClips) = ([PromptSegment](), "", 0)
    for piece in written {
      switch piece {
      case .text(let more): text += more
      case .media:
        let clip = clips[shownClips]
        shownClips += 1
        segments.append(.text(tokenizer.encode(text + openings[clip])))
        segments.append(segment(clip))
        text = ""
      }
    }
    return segments + [.text(tokenizer.encode(text))]
  }

  private func segment(_ clip: Int) -> PromptSegment {
    .clip(clip, media[clip], isOpened: !openings[clip].isEmpty)
  }

  /// The prompt as a list of text and media, to compare it with the template's output.
  private func pieces(_ kinds: [[String]]) -> [ChatTemplate.Piece] {
    var (text, pieces, clip) = ("", [ChatTemplate.Piece](), 0)
    func close() {
      if !text.isEmpty { pieces.append(.text(text)) }
      text = ""
    }
    for turn in turns {
      text += "<|im_start|>\(turn.role.rawValue)\n"
      for part in turn.parts {
        if case .text(let more) = part { text += more }
        guard case .clip = part else { continue }
        if !kinds[clip].isEmpty { close() }
        pieces += kinds[clip].map { .media($0) }
        clip += 1
      }
      text += "<|im_end|>\n"
    }
    text += "<|im_start|>assistant\n" + style.answerOpening
    close()
    return pieces
  }

  private func plain(_ tokenizer: Tokenizer) throws(CheckpointError) -> [PromptSegment] {
    let start = try special("<|im_start|>", tokenizer)
    let end = try special("<|im_end|>", tokenizer)
    let lineBreak = tokenizer.encodePlain("\n")
    var segments: [PromptSegment] = []
    var clip = 0
    for turn in turns {
      segments.append(.text([start]))
      segments += content(turn, clip: &clip, tokenizer)
      segments.append(.text([end] + lineBreak))
    }
    let opening = tokenizer.encode("assistant\n" + style.answerOpening)
    return segments + [.text([start] + opening)]
  }

  /// All turns of the conversation, with the default system text if it has none.
  private var turns: [Conversation.Turn] {
    guard let system = style.system, conversation.turns.first?.role != .system else {
      return conversation.turns
    }
    return [.init(.system, [.text(system)])] + conversation.turns
  }

  /// Encodes a turn. Consecutive text is encoded together, since BPE merges may cross lines and
  /// parts.
  private func content(
    _ turn: Conversation.Turn, clip: inout Int, _ tokenizer: Tokenizer
  ) -> [PromptSegment] {
    var segments: [PromptSegment] = []
    var text = turn.role.rawValue + "\n"
    for part in turn.parts {
      switch part {
      case .text(let more): text += more
      case .clip:
        segments.append(.text(ids(text + openings[clip], turn.role, tokenizer)))
        segments.append(segment(clip))
        text = ""
        clip += 1
      }
    }
    return segments + [.text(ids(text, turn.role, tokenizer))]
  }

  /// Encodes text of a turn: only the assistant's text may contain special tokens.
  private func ids(_ text: String, _ role: Conversation.Role, _ tokenizer: Tokenizer) -> [Int] {
    role == .assistant ? tokenizer.encode(text) : tokenizer.encodePlain(text)
  }

  private func special(_ token: String, _ tokenizer: Tokenizer) throws(CheckpointError) -> Int {
    guard let id = tokenizer.id(of: token) else {
      throw .badJSON(path: "tokenizer.json", place: "added_tokens", reason: "has no \(token)")
    }
    return id
  }
}

extension Conversation {
  /// Whether the conversation has more than a system text and a question.
  var hasSeveralTurns: Bool {
    turns.drop { $0.role == .system }.map(\.role) != [.user] || turns.count > 2
  }
}

extension PromptSegment {
  /// Name of the segment's medium in chat templates.
  fileprivate var templateKind: String {
    switch self {
    case .text, .clip: "text"
    case .audio: "audio"
    case .image: "image"
    case .video, .audioInVideo: "video"
    }
  }
}

extension TemplateError {
  /// A short reason for a message.
  fileprivate var words: String {
    switch self {
    case .unsupported(let construct): construct
    case .raised(let reason): reason
    case .tooLong: "it does not terminate"
    }
  }
}
