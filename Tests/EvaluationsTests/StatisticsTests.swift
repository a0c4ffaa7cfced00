import Basics
import Foundation
import Selection
import Tensors
import Testing

@testable import Evaluations
@testable import Runs

/// Medians, and answers that are counted once.
@Suite(.serialized) struct `Statistics` {
  @Test(arguments: [
    ([], 0), ([3], 3), ([4, 2], 3), ([9, 1, 5], 5), ([8, 1, 2, 100], 5),
  ])
  func `the median of an even count is the mean of the middle two`(
    _ values: [Double], _ expected: Double
  ) {
    #expect(median(values) == expected)
    #expect(PrefillBench.Spread(values).median == expected)
    #expect(Spread(values)?.median ?? 0 == expected)
  }

  @Test func `repeated sweep points are measured once`() throws {
    let points = EvaluationFixture.points()
    let evaluation = try EvaluationFixture.evaluation(1)
    let sweep = MethodSweep(evaluation, points + points)
    #expect(sweep.points.count == 3)
    let results = try sweep.run(threads: 1)
    #expect(results.count == 6)
    let agreement = try PrecisionAgreement.run(
      reference: evaluation, evaluation, points + points, threads: 1)
    #expect(agreement.rows.count == points.count && agreement.questions == 2)
  }

  @Test func `repeated results of a sweep count once`() throws {
    let results = try MethodSweep(try EvaluationFixture.evaluation(1), EvaluationFixture.points())
      .run(threads: 1)
    #expect(SweepSummary(results + results) == SweepSummary(results))
  }

  /// In a process of its own: the number is that of the whole process.
  @Test func `an evaluation restores the number of threads`() async {
    await #expect(processExitsWith: .success) {
      ProductThreads.use(3)
      let counts = try EvaluationFixture.evaluation(2).map(threads: 2) { _ in ProductThreads.count }
      guard counts == [1, 1, 1, 1], ProductThreads.count == 3 else { exit(1) }
    }
  }
}
