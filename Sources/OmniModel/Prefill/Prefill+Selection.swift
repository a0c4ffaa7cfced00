import Selection
import Tensors

/// What rules are given, and what is made of their choices.
extension Prefill {
  /// - Parameter media: of all clips.
  /// - Returns: one per clip, in which the tokens of the others stand as text; at least one.
  func encoderInputs(_ media: EncodedMedia, _ cancellation: Cancellation) -> [EncoderInputs] {
    prompt.modalitiesOfClips.enumerated().map { clip, modalities in
      let grid = prompt.grids.indices.contains(clip) ? prompt.grids[clip] : nil
      func tokens(_ modality: Modality) -> (any EncodedTokens)? {
        prompt.grids.isEmpty
          ? nil : engine.tokens(modality, ofClip: clip, in: media, cancellation)
      }
      return EncoderInputs(
        modalities: modalities, gridTokens: grid?.perTime ?? 0, gridColumns: grid?.columns ?? 0,
        video: tokens(.video), audio: tokens(.audio))
    }
  }

  /// - Parameter hidden: the output of `layer`, of all tokens at `positions`.
  func boundaryInputs(
    after layer: Int, _ hidden: EngineState, positions: [Int]
  ) -> BoundaryInputs {
    let modalities = positions.map { prompt.modalities[$0] }
    return BoundaryInputs(
      modalities: modalities, positions: positions,
      clips: prompt.clipOfToken.isEmpty ? [] : positions.map { prompt.clipOfToken[$0] },
      layer: layer,
      relevance: { [engine] in
        // Attention of the last text token over the sequence.
        guard let query = modalities.lastIndex(of: .text) else {
          let none = [Float](repeating: 0, count: positions.count)
          return BoundaryInputs.Relevance(scores: none, flops: 0)
        }
        return try engine.relevance(
          afterLayer: layer, hidden, positions: positions, query: query)
      }, hidden: { [engine] in try engine.rows(of: hidden) })
  }

  /// Asks a rule, which throws only what the engine does.
  func asking(_ choose: () throws -> RuleOutcome) throws(PrefillError) -> RuleOutcome {
    do {
      return try choose()
    } catch let error as PrefillError {
      throw error
    } catch {
      throw .engine(EngineFault(.failed, reason: "\(error)"))
    }
  }
}

/// The decision of a rule on the tokens of one stage; it depends on the plan and the inputs only.
struct Decision: Sendable {
  /// Positions left.
  let kept: [Int]
  /// Nil where the plan has no rule there.
  let drop: DropRecord?
  /// Rows into which others were merged; offsets count `kept`.
  let changed: [ChangedRows]
  let seconds: Double
  /// FLOPs executed, 2 per multiply-add.
  let flops: Double

  /// Every token at `positions` stays as it is.
  init(keeping positions: [Int]) {
    (kept, drop, changed, seconds, flops) = (positions, nil, [], 0, 0)
  }

  /// - Parameter positions: of the tokens that the rule chose from.
  init(_ kind: DropRecord.Kind, _ outcome: RuleOutcome, of positions: [Int], seconds: Double) {
    let drop = DropRecord(kind, outcome, before: positions)
    (kept, self.drop, self.seconds, flops) = (drop.kept, drop, seconds, outcome.flops)
    changed = outcome.changed.compactMap { $0.kept(outcome.kept) }
  }
}

extension ChangedRows {
  /// The rows that are left, at their offsets among those; nil where none is.
  /// - Parameter kept: offsets, ascending.
  fileprivate func kept(_ kept: [Int]) -> ChangedRows? {
    let places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    let left = offsets.indices.filter { places[offsets[$0]] != nil }
    guard !left.isEmpty else { return nil }
    return ChangedRows(
      offsets: left.compactMap { places[offsets[$0]] }, rows: rows.gatherRows(left))
  }
}
