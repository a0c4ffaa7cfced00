/// Applies a rule to each clip of a prompt separately: no window, comparison or budget spans two
/// clips.
extension EncoderRule {
  /// - Parameter clips: one per clip, of the same prompt.
  public func select(each clips: [EncoderInputs]) throws -> RuleOutcome {
    let outcomes = try clips.map { try select($0) }
    guard var all = outcomes.first else { return RuleOutcome(kept: [], path: .noChoice) }
    for outcome in outcomes.dropFirst() {
      // Tokens of other clips count as text, and are kept.
      let kept = Set(outcome.kept)
      all.kept.removeAll { !kept.contains($0) }
      all.merges += outcome.merges
      all.changed += outcome.changed
      all.flops += outcome.flops
      all.notes += outcome.notes.filter { !all.notes.contains($0) }
    }
    return all
  }

  /// Tokens of all clips expected to enter layer 1.
  public func entering(each prompt: PromptShape) -> ModalityCounts {
    guard !prompt.clips.isEmpty else { return entering(prompt) }
    var entering = prompt.counts.with(video: 0, audio: 0)
    for clip in prompt.clips {
      let own = self.entering(
        PromptShape(
          layers: prompt.layers, counts: ModalityCounts(video: clip.video, audio: clip.audio),
          tokensPerGrid: clip.tokensPerGrid, contentHash: prompt.contentHash))
      entering.video += own.video
      entering.audio += own.audio
    }
    return entering
  }
}
