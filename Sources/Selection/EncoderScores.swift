/// Scores of tokens before the decoder, as encoder rules compute them. Elements belong to prompt
/// positions; those of other tokens are 0.
public enum EncoderScores {
  /// Attention received in the last layer of the encoders, as in SEATS Stage I.
  /// - Parameter clips: the inputs of each clip of the same prompt.
  /// - Throws: only errors of the inputs.
  public static func attentionReceived(
    _ clips: [EncoderInputs], in windows: SelectionWindows
  ) throws -> [Float] {
    try scores(clips) { part, _ in try part.tokens.attentionReceived(in: windows) }
  }

  /// Salience of OmniPack's first stage, at the keep ratios of a rule.
  /// - Throws: only errors of the inputs.
  public static func salience(
    _ clips: [EncoderInputs], _ rule: EventPackingRule
  ) throws -> [Float] {
    try scores(clips) { part, inputs in
      EventPacking(ratio: rule.shares[part.modality] ?? 1, modality: part.modality).salience(
        try part.tokens.features, try part.tokens.attentionReceived(in: rule.windows),
        inputs.gridTokens)
    }
  }

  private static func scores(
    _ clips: [EncoderInputs], _ values: (EncoderInputs.Part, EncoderInputs) throws -> [Float]
  ) throws -> [Float] {
    var scores = [Float](repeating: 0, count: clips.first?.modalities.count ?? 0)
    for inputs in clips {
      for part in inputs.parts {
        for (position, value) in zip(part.positions, try values(part, inputs)) {
          scores[position] = value
        }
      }
    }
    return scores
  }
}
