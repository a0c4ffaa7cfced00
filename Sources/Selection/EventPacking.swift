import Tensors

/// OmniPack, Stage I: keeps the most salient tokens and the centres of density peaks; every other
/// token is merged into the most similar of the kept ones.
///
/// O(n²·width) for n tokens of a modality, in blocks.
struct EventPacking {
  /// Share of the tokens to keep.
  let ratio: Double
  let modality: Modality

  /// Constants of the method, which differ between modalities.
  private struct Constants {
    /// Share of the kept tokens that are chosen by salience; the others are density peaks.
    let dominant: Double
    /// Weight of the positional distance when dropped tokens are assigned to kept ones.
    let place: Float
    /// Weight of a kept token's own features in the merge.
    let own: Float
  }

  private var constants: Constants {
    modality == .video
      ? Constants(dominant: 0.25, place: 0.10, own: 0.62)
      : Constants(dominant: 0.35, place: 0.05, own: 0.65)
  }

  /// The selected tokens of a modality.
  struct Outcome {
    /// Indices of the kept tokens within the modality, ascending.
    let kept: [Int]
    let changed: ChangedRows?
    let merges: [TokenMerge]
    let flops: Double
  }

  /// Selects and merges the tokens of a modality.
  /// - Parameters:
  ///   - features: token features as they enter the decoder, [tokens, width]; video in raster
  ///     order.
  ///   - attention: attention received by each token, [tokens].
  ///   - gridTokens: number of video tokens in one temporal grid.
  ///   - columns: number of columns of a grid.
  ///   - offsets: offset of each token in the prompt.
  func select(
    features: Tensor, attention: [Float], gridTokens: Int, columns: Int, offsets: [Int]
  ) -> Outcome {
    precondition(features.rows == attention.count, "\(features.shape) against \(attention.count)")
    let count = keepCount(ratio, of: features.rows)
    guard count < features.rows else {
      return Outcome(kept: Array(0..<features.rows), changed: nil, merges: [], flops: 0)
    }
    let salience = salience(features, attention, gridTokens)
    let places =
      modality == .video
      ? TokenPlaces(video: features.rows, gridTokens: gridTokens, columns: columns)
      : TokenPlaces(audio: features.rows)
    let unit = features.unitRows()
    let (kept, flops) = kept(count, salience, unit, places)
    let absorption = absorption(kept, salience, unit, places)
    let (changed, merges) = absorption.merged(own: constants.own, offsets: offsets)
    return Outcome(
      kept: kept, changed: changed, merges: merges,
      flops: flops + absorption.flops(width: features.columns))
  }

  func salience(_ features: Tensor, _ attention: [Float], _ gridTokens: Int) -> [Float] {
    let attended = minMaxScaled(attention)
    guard modality == .video else {
      let changes = minMaxScaled(TokenEvents.change(features, step: 1))
      return zip(attended, changes).map { $0 + 0.25 * $1 }
    }
    // Events have a lower weight if few tokens enter the decoder.
    let weight = Float(0.35 * (0.35 + 0.65 * min(max((ratio - 0.14) / 0.28, 0), 1)))
    let events = minMaxScaled(TokenEvents.video(features, gridTokens: gridTokens))
    return zip(attended, events).map { $0 * (1 + weight * $1) + 1e-6 }
  }

  private func kept(
    _ count: Int, _ salience: [Float], _ unit: Tensor, _ places: TokenPlaces
  ) -> (tokens: [Int], flops: Double) {
    let all = Array(salience.indices)
    let scores = minMaxScaled(salience).map { $0 + 1e-6 }
    let dominant = topScoring(keepCount(constants.dominant, of: count), of: all, by: scores)
    let isDominant = Set(dominant)
    let centres = DensityCentres(
      pool: all.filter { !isDominant.contains($0) }, unit: unit, places: places, salience: salience
    ).select(count - dominant.count)
    return ((dominant + centres.tokens).sorted(), centres.flops)
  }

  private func absorption(
    _ kept: [Int], _ salience: [Float], _ unit: Tensor, _ places: TokenPlaces
  ) -> TokenAbsorption {
    let isKept = Set(kept)
    let dropped = salience.indices.filter { !isKept.contains($0) }
    let strength = minMaxScaled(kept.map { salience[$0] })
    let weights = minMaxScaled(dropped.map { salience[$0] }).map { 0.5 + 0.5 * $0 }
    let share = constants.place
    var distances = [Float](repeating: 0, count: kept.count)
    return TokenAbsorption(
      unit: unit, kept: kept, dropped: dropped, weight: { row, _ in weights[row] },
      adjust: { row, cosines in
        var (least, most) = (Float.infinity, Float(0))
        for (index, token) in kept.enumerated() {
          let distance = places.distance(dropped[row], token)
          distances[index] = distance
          least = min(least, distance)
          most = max(most, distance)
        }
        let scale = 1 / (most - least + 1e-6)
        let first = cosines.startIndex
        for index in kept.indices {
          cosines[first + index] +=
            0.10 * strength[index] - share * (distances[index] - least) * scale
        }
      })
  }
}
