import Testing

@testable import Evaluations

@Suite struct `Rank correlation` {
  struct Case: Sendable {
    let first, second: [Double]
    let expected: Double
  }

  /// `scipy.stats.spearmanr(first, second).statistic` of scipy 1.17.1.
  static let cases = [
    Case(first: [1, 2, 3, 4, 5], second: [5, 6, 7, 8, 7], expected: 0.8207826816681233),
    Case(first: [1, 1, 2, 2, 3], second: [3, 1, 2, 2, 2], expected: 0),
    Case(
      first: [0.1, 0.1, 0.1, 5, -2, 7], second: [1, 0, 0, 2, 3, 3], expected: 0.1875916198442167),
    Case(first: [10, 9, 8, 7], second: [1, 2, 3, 4], expected: -1),
    Case(
      first: [1, 2, 2, 2, 9, 4, 4], second: [3, 3, 1, 8, 0, 0, 0], expected: -0.823529411764706),
  ]

  @Test(arguments: cases) func `Spearman's correlation equals that of scipy`(_ one: Case) throws {
    let found = try #require(RankCorrelation.spearman(one.first, one.second))
    #expect(abs(found - one.expected) < 1e-12)
    let turned = try #require(RankCorrelation.spearman(one.second, one.first))
    #expect(abs(turned - one.expected) < 1e-12)
  }

  /// `scipy.stats.rankdata` of scipy 1.17.1.
  @Test func `equal values have the mean of their ranks`() {
    #expect(RankCorrelation.ranks([0.1, 0.1, 0.1, 5, -2, 7]) == [3, 3, 3, 5, 1, 6])
    #expect(RankCorrelation.ranks([1, 2, 2, 2, 9, 4, 4]) == [1, 3, 3, 3, 7, 5.5, 5.5])
    #expect(RankCorrelation.ranks([]) == [])
  }

  @Test(arguments: [
    ([], []), ([1.0], [2.0]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [4, 4, 4]), ([1, .nan], [1, 2]),
  ])
  func `the correlation of constant or too short series is undefined`(
    _ first: [Double], _ second: [Double]
  ) {
    #expect(RankCorrelation.spearman(first, second) == nil)
  }
}
