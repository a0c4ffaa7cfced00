import Basics
import Selection
import Tensors

/// The inputs of selection rules, and the decisions made from their results.
extension Prefill {
  /// The inputs of an encoder rule (Stage I).
  /// - Parameter media: encoder outputs of all clips.
  /// - Returns: one value per clip, at least one; tokens of other clips count as text.
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

  /// The inputs of encoder rules, one per clip; empty before the encoders have run.
  public func encoderInputs(_ cancellation: Cancellation) -> [EncoderInputs] {
    encodedMedia.map { encoderInputs($0, cancellation) } ?? []
  }

  /// The inputs of a boundary rule after `layer`.
  /// - Parameter hidden: the layer's output for all tokens at `positions`.
  func boundaryInputs(
    after layer: Int, _ hidden: EngineState, positions: [Int]
  ) -> BoundaryInputs {
    let prompt = self.prompt
    let queries = questionRows(positions)
    let modalities = positions.map { prompt.modalities[$0] }
    return BoundaryInputs(
      modalities: modalities, positions: positions,
      clips: prompt.clipOfToken.isEmpty ? [] : positions.map { prompt.clipOfToken[$0] },
      layer: layer,
      ordinals: {
        let ordinals = prompt.modalities.ordinals
        return positions.map { ordinals[$0] }
      },
      windows: {
        let windows = prompt.windowOfToken
        return positions.map { windows[$0] }
      },
      relevance: { [engine] in
        // Relevance is the attention of the last text token over the sequence.
        guard let query = modalities.lastIndex(of: .text) else {
          let none = [Float](repeating: 0, count: positions.count)
          return BoundaryInputs.Relevance(scores: none, flops: 0)
        }
        return try engine.relevance(
          afterLayer: layer, hidden, positions: positions, query: query)
      },
      questionRelevance: { [engine] in
        guard !queries.isEmpty else {
          let none = [Float](repeating: 0, count: positions.count)
          return BoundaryInputs.Relevance(scores: none, flops: 0)
        }
        return try engine.relevance(
          afterLayer: layer, hidden, positions: positions, queries: queries)
      }, hidden: { [engine] in try engine.rows(of: hidden) })
  }

  /// Rows, among tokens at `positions`, of the text tokens after the last video or audio token of the prompt.
  func questionRows(_ positions: [Int]) -> [Int] {
    let start = prompt.questionStart
    return positions.indices.filter {
      positions[$0] >= start && prompt.modalities[positions[$0]] == .text
    }
  }

  /// Runs a rule and converts its errors to `PrefillError`; rules only throw errors of the engine.
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

/// The tokens that a rule keeps at one stage; depends only on the plan and on the rule's inputs.
struct Decision: Sendable {
  /// Positions of the kept tokens in the prompt, ascending.
  let kept: [Int]
  /// Record of the drop; nil if the plan has no rule at this stage.
  let drop: DropRecord?
  /// New hidden states of tokens into which others were merged; offsets index `kept`.
  let changed: [ChangedRows]
  let seconds: Double
  /// FLOPs executed by the rule; a multiply-add counts 2.
  let flops: Double

  /// A decision that keeps all tokens at `positions` unchanged.
  init(keeping positions: [Int]) {
    (kept, drop, changed, seconds, flops) = (positions, nil, [], 0, 0)
  }

  /// The decision that follows from the result of a rule.
  /// - Parameter positions: prompt positions of the tokens that the rule chose from.
  init(_ kind: DropRecord.Kind, _ outcome: RuleOutcome, of positions: [Int], seconds: Double) {
    let drop = DropRecord(kind, outcome, before: positions)
    (kept, self.drop, self.seconds, flops) = (drop.kept, drop, seconds, outcome.flops)
    changed = outcome.changed.compactMap { $0.kept(outcome.kept) }
  }
}

extension ChangedRows {
  /// Removes the rows of dropped tokens, and renumbers the offsets to index the kept tokens; nil if
  /// no row is left.
  /// - Parameter kept: offsets of the kept tokens, ascending.
  fileprivate func kept(_ kept: [Int]) -> ChangedRows? {
    let places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    let left = offsets.indices.filter { places[offsets[$0]] != nil }
    guard !left.isEmpty else { return nil }
    return subset(left, offsets: left.compactMap { places[offsets[$0]] })
  }
}
