import Foundation
import Selection

/// Summary of the relevance scores at a drop.
struct ScoreSummary: Sendable, Equatable {
  let keptMean: Double
  let droppedMean: Double
  let highest: Double
  private let scores: [Float]

  init(_ drop: DropRecord) {
    var (kept, dropped) = (Mean(), Mean())
    var next = drop.kept.makeIterator()
    var survivor = next.next()
    for (position, score) in zip(drop.before, drop.scores) {
      while let ahead = survivor, ahead < position { survivor = next.next() }
      if survivor == position { kept.add(score) } else { dropped.add(score) }
    }
    keptMean = kept.value
    droppedMean = dropped.value
    highest = Double(drop.scores.max() ?? 0)
    scores = drop.scores
  }

  /// Values for a bar chart: the square root of the highest score in each of `count` equal parts of
  /// the sequence. Without the root most bars would be empty, because a few tokens receive most of
  /// the attention.
  func columns(_ count: Int) -> [Double] {
    guard count > 0, !scores.isEmpty else { return [] }
    return (0..<count).map { column in
      let start = column * scores.count / count
      let end = max(start + 1, (column + 1) * scores.count / count)
      let part = scores[min(start, scores.count - 1)..<min(end, scores.count)]
      return Double(part.max() ?? 0).squareRoot()
    }
  }

  /// A score as a share of the attention: `0.35 %`.
  static func text(_ score: Double) -> String {
    String(format: "%.2g %%", score * 100)
  }

  private struct Mean {
    var sum = 0.0
    var count = 0

    mutating func add(_ value: Float) {
      sum += Double(value)
      count += 1
    }

    var value: Double { count > 0 ? sum / Double(count) : 0 }
  }
}
