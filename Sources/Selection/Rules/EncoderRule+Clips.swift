/// Applies an encoder rule to each clip of a prompt separately: no window, comparison or budget
/// includes two clips.
extension EncoderRule {
  /// Selects tokens of each clip and combines the results.
  /// - Parameter clips: the inputs of each clip of the same prompt.
  public func select(each clips: [EncoderInputs]) throws -> RuleOutcome {
    let outcomes = try clips.map { try select($0) }
    guard var all = outcomes.first else { return RuleOutcome(kept: [], path: .noChoice) }
    for outcome in outcomes.dropFirst() {
      // In a clip's inputs, tokens of other clips count as text, and so are kept.
      let kept = Set(outcome.kept)
      all.kept.removeAll { !kept.contains($0) }
      all.merges += outcome.merges
      all.changed += outcome.changed
      all.flops += outcome.flops
      all.notes += outcome.notes.filter { !all.notes.contains($0) }
    }
    return all
  }

  /// Expected number of tokens of all clips that enter layer 1.
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
