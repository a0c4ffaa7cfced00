/// OmniDrop after a layer: drops a share of the video and audio tokens together, those that the question
/// attends to least; of twice as many candidates, those far in time from the best token are spared.
struct ProgressivePruning {
  /// Share of the video and audio tokens to drop, below 1.
  let drop: Double
  /// Weight of the distance in time; 0: attention alone decides.
  let diversity: Float

  /// ⌊drop · tokens⌋.
  static func dropCount(_ drop: Double, of tokens: Int) -> Int {
    min(max(0, tokens - 1), max(0, Int(drop * Double(tokens))))
  }

  /// The offsets kept, ascending. Of equal tokens the last is dropped first.
  /// - Parameters:
  ///   - scores: [tokens], attention received from the question.
  ///   - windows: [tokens], the temporal window of each, counted from 0.
  func select(scores: [Float], windows: [Int]) -> [Int] {
    let count = Self.dropCount(drop, of: scores.count)
    guard count > 0 else { return Array(scores.indices) }
    let candidates = Self.lowest(2 * count, of: Array(scores.indices), by: scores)
    let key = windows[peak(of: scores[...]).column]
    let span = Float(max(1, windows.max() ?? 1))
    let spared = scores.indices.map {
      scores[$0] + diversity * Float(abs(windows[$0] - key)) / span
    }
    let dropped = Set(Self.lowest(count, of: candidates, by: spared))
    return scores.indices.filter { !dropped.contains($0) }
  }

  private static func lowest(_ count: Int, of candidates: [Int], by scores: [Float]) -> [Int] {
    Array(candidates.sorted { (scores[$0], $1) < (scores[$1], $0) }.prefix(count))
  }
}
