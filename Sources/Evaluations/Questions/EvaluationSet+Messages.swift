import Basics
import OmniModel
import Runs

extension EvaluationSet {
  /// An evaluation set of one conversation. Its last user turn is the question; there is no right
  /// answer.
  /// - Throws: `MessagesError` or `MediaError`.
  public init(
    messages path: String, input: InputLayers = InputLayers(), for thinker: Thinker
  ) throws {
    let loaded = try blocking { try await LoadedConversation(messages: path, input, thinker) }
    let files = [path] + loaded.parts.map(\.clip.source)
    self.init(
      name: "messages",
      clips: [
        EvaluationClip(
          id: path, windows: nil,
          questions: [
            EvaluationQuestion(
              id: path, kind: "messages", text: loaded.conversation.question, answer: nil)
          ], input: loaded.settings,
          identity: {
            let each = files.map { Self.identity(of: $0) }
            return each.contains(nil)
              ? nil : FileFingerprint.of(text: each.compactMap { $0 }.joined(separator: "\n"))
          },
          load: { EvaluationMedia(loaded) })
      ])
  }
}
