import Foundation
import Tensors
import Testing

@testable import Selection

/// OmniPack, EVS and VidCom² beyond the golden cases: blocks, ties, budgets, sound.
@Suite struct `OmniPack and EVS` {
  private static func noise(_ rows: Int, _ columns: Int, seed: UInt64) -> Tensor {
    Tensor([rows, columns], `Laws of selection`.noise(rows * columns, seed: seed).map { $0 - 0.5 })
  }

  /// Density × distance from anything denser, by whole tables.
  private func slowCentres(
    _ count: Int, _ unit: Tensor, _ places: TokenPlaces, _ salience: [Float]
  ) -> [Int] {
    let n = unit.rows
    var table = unit.timesTransposed(unit).elements
    for row in 0..<n {
      let distances = (0..<n).map { places.distance(row, $0) }
      let most = distances.max() ?? 0
      for column in 0..<n {
        table[row * n + column] =
          row == column ? 0 : 1 - table[row * n + column] + 0.2 * distances[column] / (most + 1e-6)
      }
    }
    let scaled = minMaxScaled(salience)
    let densities = (0..<n).map { row -> Float in
      let near = (0..<n).filter { $0 != row }.map { table[row * n + $0] }.sorted().prefix(7)
      let mean = near.reduce(0) { $0 + $1 * $1 } / Float(max(1, near.count))
      return exp(-mean) * (1 + 0.35 * scaled[row]) + 1e-12 * Float(row)
    }
    let scores = (0..<n).map { row -> Float in
      let denser = (0..<n).filter { densities[$0] > densities[row] }.map { table[row * n + $0] }
      return densities[row] * (denser.min() ?? table[row * n..<(row + 1) * n].max() ?? 0)
    }
    return topScoring(count, of: Array(0..<n), by: scores)
  }

  @Test(arguments: [1, 2, 9, 60, 1100])
  func `density centres found blockwise equal those of the whole matrix`(
    _ tokens: Int
  ) {
    let unit = Self.noise(tokens, 6, seed: UInt64(tokens)).unitRows()
    let places = TokenPlaces(video: tokens, gridTokens: 20, columns: 5)
    let salience = `Laws of selection`.noise(tokens, seed: 4)
    let centres = DensityCentres(
      pool: Array(0..<tokens), unit: unit, places: places, salience: salience)
    for count in [0, 1, tokens / 3, tokens - 1, tokens] {
      let expected =
        count < tokens ? slowCentres(count, unit, places, salience) : Array(0..<tokens)
      #expect(centres.select(count).tokens == expected, "\(count) of \(tokens)")
    }
  }

  @Test func `of two tokens that are each other's nearest DivPrune begins with the first`() {
    // Some sizes fall on the edges of the blocks of a product, which sum in another order.
    for tokens in [37, 150, 517, 1029] {
      let unit = Self.noise(tokens, 48, seed: UInt64(tokens)).unitRows()
      let nearest = MaxMinDiversity.nearestNeighbours(unit)
      let cosines = unit.timesTransposed(unit)
      for row in 0..<tokens {
        func neighbour(_ row: Int) -> Int {
          let entries = cosines.row(row)
          return (0..<tokens).filter { $0 != row }.max {
            entries[entries.startIndex + $0] < entries[entries.startIndex + $1]
          } ?? row
        }
        let other = neighbour(row)
        if neighbour(other) == row { #expect(nearest[row] == nearest[other], "\(row), \(other)") }
      }
    }
  }

  @Test func `DivPrune in blocks keeps the same tokens as one by one`() {
    let small = Self.noise(1300, 5, seed: 8).unitRows()
    let cosines = small.timesTransposed(small)
    let rows = (0..<small.rows).map { row in
      let entries = cosines.row(row)
      return 1
        - ((0..<small.rows).filter { $0 != row }.map { entries[entries.startIndex + $0] }.max() ?? 0)
    }
    let found = MaxMinDiversity.nearestNeighbours(small)
    #expect(zip(found, rows).allSatisfy { abs($0 - $1) < 1e-6 })
    let many = Self.noise(MaxMinDiversity.blockedTokens + 300, 6, seed: 9)
    let unit = many.unitRows()
    var distances = MaxMinDiversity.nearestNeighbours(unit)
    var chosen: [Int] = []
    for _ in 0..<keepCount(0.01, of: many.rows) {
      let next = peak(of: distances[...]).column
      let cosines = unit.rows(next..<next + 1).timesTransposed(unit).elements
      let isFirst = chosen.isEmpty
      chosen.append(next)
      for token in distances.indices {
        distances[token] = isFirst ? 1 - cosines[token] : min(distances[token], 1 - cosines[token])
      }
      for token in chosen { distances[token] = -1 }
    }
    #expect(MaxMinDiversity(ratio: 0.01).select(features: many) == chosen.sorted())
  }

  @Test func `of equal tokens the first ones are kept`() {
    let same = Tensor([40, 3], [Float](repeating: 1, count: 120))
    let packed = EventPacking(ratio: 0.2, modality: .video).select(
      features: same, attention: [Float](repeating: 1, count: 40), gridTokens: 10, columns: 5,
      offsets: Array(0..<40))
    #expect(packed.kept.count == 8 && Array(packed.kept.prefix(2)) == [0, 1])
    #expect(packed.changed?.rows(of: same).isFinite == true && packed.merges.count == 32)
    let nothing = Tensor([5, 2], [Float](repeating: 0, count: 10))
    let spread = RelevancePacking(ratio: 0.4).select(
      tokens: nothing, text: Tensor([0, 2], []), others: Tensor([0, 2], []),
      offsets: Array(0..<5))
    #expect(spread.kept == [0, 1] && spread.changed?.rows(of: nothing).isFinite == true)
    #expect(
      FrameUniqueness(ratio: 0.5, gridTokens: 2).select(features: nothing).kept == [0, 2, 4])
    #expect(FrameChange(ratio: 0.5, gridTokens: 2).select(features: nothing) == [0, 1])
  }

  @Test func `two tokens have equal density despite rounding`() {
    for seed in UInt64(1)...20 {
      let tokens = Self.noise(2, 33, seed: seed)
      let none = Tensor([0, 33], [])
      let packed = RelevancePacking(ratio: 1).select(
        tokens: tokens, text: none, others: none, offsets: [0, 1])
      #expect(packed.relevance == [0, 0])
    }
  }

  @Test(arguments: [0.03, 0.1, 0.25, 0.5, 0.9, 1], [1, 2, 18, 27])
  func `OmniPack's ratio pair meets the average retention over layers`(
    _ target: Double, _ layer: Int
  ) {
    let matched = OmniPack.matched(target, 2, after: layer, of: 28)
    #expect(abs(matched.average(after: layer, of: 28) - target) < 1e-12)
    #expect(0...1 ~= matched.kept && 0...1 ~= matched.entering)
    let published = OmniPack.published(target, 2, after: layer, of: 28)
    #expect(abs(published.entering * published.kept - target) < 1e-12)
  }

  @Test func `OmniPack's second stage is at the published depth, with a note`()
    throws
  {
    var settings = SelectionSettings(defaultsForLayers: 28)
    settings.method = .omnipack
    let counts = ModalityCounts(text: 5, video: 100, audio: 50)
    func plan(_ layers: Int) -> SelectionPlan {
      settings.plan(for: PromptShape(layers: layers, counts: counts, tokensPerGrid: 20))
    }
    #expect(plan(28).dropLayers == [18] && plan(36).dropLayers == [23] && plan(2).dropLayers == [1])
    #expect(plan(1).dropLayers.isEmpty && plan(1).notes.count == 1)
    #expect(plan(28).encoderRule?.ratios == RetentionBudget(video: 0.2, audio: 0.9))
    #expect(plan(28).notes.contains { $0.contains("16.4 %") }, "\(plan(28).notes)")
    settings.method = .omnipackMatched
    #expect(plan(28).notes.isEmpty && plan(28).dropLayers == [18])
    settings.values = ["omnipack-depth": 0.5, "omnipack-scale": 1]
    #expect(plan(28).dropLayers == [14])
    let ratios = try #require(plan(28).encoderRule?.ratios)
    #expect(abs(ratios.video - 0.1) < 1e-12 && abs(ratios.audio - 0.45) < 1e-12)
  }

  @Test func `EVS keeps the first grid, with a note where that exceeds the budget`() {
    let features = Self.noise(12, 4, seed: 8)
    #expect(FrameChange(ratio: 0.1, gridTokens: 4).select(features: features) == [0, 1, 2, 3])
    #expect(FrameChange(ratio: 1, gridTokens: 4).select(features: features).count == 12)
    // n·(1 − q) is cut, not rounded.
    #expect(FrameChange(ratio: 0.65, gridTokens: 4).select(features: features).count == 7)
    var settings = SelectionSettings(defaultsForLayers: 28)
    (settings.method, settings.budget) = (.evsOmni, RetentionBudget(video: 0.1, audio: 0.3))
    let counts = ModalityCounts(text: 5, video: 12, audio: 50)
    let plan = settings.plan(for: PromptShape(layers: 28, counts: counts, tokensPerGrid: 4))
    #expect(plan.notes.contains { $0.contains("first grid") })
  }

  @Test func `-om methods select audio like video`() throws {
    let audio = Sound(features: Self.noise(60, 4, seed: 2))
    let inputs = EncoderInputs(
      modalities: [Modality](repeating: .audio, count: 60), gridTokens: 0, video: nil, audio: audio)
    let change = try FrameChangeRule(KeptShares(video: 0.5, audio: 0.5)).select(inputs)
    #expect(change.kept.count == 30 && change.kept.first == 0)
    let unique = try FrameUniquenessRule(
      KeptShares(video: 0.5, audio: 0.5), windows: .init(audioSeconds: 1)
    ).select(inputs)
    // Windows of 25, 25 and 10 tokens.
    #expect(abs(unique.kept.count - 30) <= 3)
    #expect(
      [0..<25, 25..<50, 50..<60].allSatisfy { window in
        unique.kept.contains { window.contains($0) }
      })
  }

  private struct Sound: EncodedTokens {
    let features: Tensor
    func attentionReceived(in windows: SelectionWindows) -> [Float] {
      [Float](repeating: 1, count: features.rows)
    }
    func attentionFlops(in windows: SelectionWindows) -> Double { 0 }
    func keyMeans() -> Tensor { features }
  }
}
