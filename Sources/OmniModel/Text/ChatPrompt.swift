/// A chat prompt of Qwen's form, in code: system, user with its media, and the assistant's turn.
struct ChatPrompt {
  /// Nil leaves the style's own, if it has one.
  let system: String?
  /// What the checkpoint's chat template asks for.
  let style: ChatStyle
  let question: String
  /// Media in the order image, video, audio; text follows.
  let media: [PromptSegment]

  func segments(_ tokenizer: Tokenizer) throws(CheckpointError) -> [PromptSegment] {
    let start = try special("<|im_start|>", tokenizer)
    let end = try special("<|im_end|>", tokenizer)
    let instruction = (system ?? style.system).map { text in
      [start] + tokenizer.encodePlain("system\n" + text) + [end] + tokenizer.encodePlain("\n")
    }
    let opening = (instruction ?? []) + [start]
    // Text that nothing separates is encoded as one piece: merges may cross its lines.
    let asked =
      media.isEmpty
      ? [.text(tokenizer.encodePlain("user\n" + question))]
      : [.text(tokenizer.encodePlain("user\n"))] + media
        + [.text(tokenizer.encodePlain(question))]
    let closing =
      [end] + tokenizer.encodePlain("\n") + [start]
      + tokenizer.encode("assistant\n" + style.answerOpening)
    return [.text(opening)] + asked + [.text(closing)]
  }

  private func special(_ token: String, _ tokenizer: Tokenizer) throws(CheckpointError) -> Int {
    guard let id = tokenizer.id(of: token) else {
      throw .badJSON(path: "tokenizer.json", place: "added_tokens", reason: "has no \(token)")
    }
    return id
  }
}
