import Tensors
import Testing

@testable import Selection

/// Baselines against the obvious slow way, or on tokens whose answer can be seen.
@Suite struct `Baselines` {
  private static func noise(_ rows: Int, _ columns: Int, seed: UInt64) -> Tensor {
    Tensor([rows, columns], `Laws of selection`.noise(rows * columns, seed: seed))
  }

  @Test(arguments: [0, 1, 7, 20, 33], [3, 12, 40])
  func `apportioned counts meet the total, the capacities and the weights`(
    _ total: Int, _ parts: Int
  ) {
    let weights = `Laws of selection`.noise(parts, seed: UInt64(parts)).map(Double.init)
    let capacities = (0..<parts).map { $0 % 4 }
    let shares = apportion(total, weights: weights, capacities: capacities)
    #expect(shares.reduce(0, +) == min(total, capacities.reduce(0, +)))
    #expect(zip(shares, capacities).allSatisfy { 0...$1 ~= $0 })
    #expect(
      apportion(6, weights: [3, 2, 1], capacities: [9, 9, 9]) == [3, 2, 1])
    #expect(apportion(6, weights: [3, 2, 1], capacities: [1, 9, 9]) == [1, 3, 2])
    #expect(apportion(3, weights: [0, 0, 0], capacities: [2, 2, 2]) == [1, 1, 1])
  }

  @Test(arguments: [0.02, 0.1, 0.5, 0.9])
  func `DivPrune equals max-min selection on the whole distance matrix`(
    _ ratio: Double
  ) {
    // More rows than one block of the distances.
    let features = Self.noise(300, 5, seed: 3)
    let attention = [Float](repeating: 1e-6, count: 300)
    let matrix = WindowedDiversity.distances(features, attention[...])
    let slow = WindowedDiversity.spread(keepCount(ratio, of: 300), matrix, 300)
    #expect(MaxMinDiversity(ratio: ratio).select(features: features) == slow)
  }

  @Test func `DyCoke keeps one grid of four and the tokens that changed since`() {
    // Four grids of three tokens: only token 1 changes from grid to grid.
    let still: [Float] = [1, 0, 0, 1, 1, 1]
    var grids = [still, still, still, still]
    for grid in 1..<4 { grids[grid][2...3] = grid % 2 == 1 ? [1, 0] : [-1, 0] }
    let features = Tensor([12, 2], grids.flatMap { $0 })
    let kept = TemporalNovelty(ratio: 0.5, gridTokens: 3).select(features: features)
    #expect(kept == [0, 1, 2, 4, 7, 10])
    #expect(TemporalNovelty(ratio: 0.1, gridTokens: 3).select(features: features) == [0])
    #expect(TemporalNovelty(ratio: 0.17, gridTokens: 3).select(features: features) == [0, 1])
    #expect(TemporalNovelty.thinsAnchors(0.17, tokens: 12, gridTokens: 3))
    #expect(!TemporalNovelty.thinsAnchors(0.25, tokens: 12, gridTokens: 3))
  }

  @Test func `density peaks select one token per cluster`() {
    // Two directions, seven tokens each with a little spread, and the centres at 3 and 10.
    let spread: [Float] = [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]
    let features = Tensor(
      [14, 2], spread.flatMap { [1, $0] } + spread.flatMap { [$0, 1] })
    #expect(DensityPeaks.select(2, features: features) == [3, 10])
    #expect(DensityPeaks.select(14, features: features) == Array(0..<14))
  }

  @Test func `VisionZip merges rows into anchors as weighted sums`() {
    let features = Self.noise(60, 4, seed: 5)
    let outcome = DominantMerge(ratio: 0.3, contextual: 0.1, windowTokens: 20).select(
      attention: `Laws of selection`.noise(60, seed: 6),
      keys: Self.noise(60, 3, seed: 7))
    #expect(outcome.merges.count == 60 - outcome.kept.count)
    var sums = features
    for merge in outcome.merges {
      sums.addRows(
        features.rows(merge.token..<merge.token + 1), to: [merge.survivor],
        weights: [merge.weight])
    }
    let changed = outcome.changed
    #expect(Set(changed.offsets) == Set(outcome.merges.map(\.survivor)))
    let found = changed.rows(of: features)
    for (row, offset) in changed.offsets.enumerated() {
      #expect(zip(sums.row(offset), found.row(row)).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test func `OmniZip gives more video to windows that keep more audio`() {
    let video = AudioGuidedZip.Input(
      features: Self.noise(32, 4, seed: 1), windowSizes: [16, 16])
    let audio = AudioGuidedZip.Input(
      features: Self.noise(20, 4, seed: 2), windowSizes: [10, 10])
    let zip = AudioGuidedZip(video: 0.5, audio: 0.5, contextual: 0.05, gridTokens: 4)
    var attention = [Float](repeating: 0.1, count: 20)
    for token in 10..<20 { attention[token] = 1 }
    let heard = zip.select(audio: audio, attention: attention, near: video.features)
    #expect(heard.kept.count == 10 && heard.kept.filter { $0 >= 10 }.count == 9)
    let seen = zip.select(video: video, audio: audio, keptAudio: heard.kept)
    #expect(seen.count == 16)
    let second = seen.filter { $0 >= 16 }.count
    #expect(second > 16 - second)
    let changed = heard.changed.offsets
    #expect(changed.count == 1 && heard.kept.contains(changed[0]), "the anchor absorbs others")
    #expect(Set(heard.merges.map(\.survivor)) == Set(changed) && heard.merges.count == 3)
    #expect(abs(heard.merges.reduce(0) { $0 + $1.weight } - 1) < 1e-6)
  }
}
