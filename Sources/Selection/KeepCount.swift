/// Number of tokens kept of `count` by a keep ratio: rounded half to even in double precision, at
/// least 1 and at most `count`; 0 if `count` is 0.
func keepCount(_ ratio: Double, of count: Int) -> Int {
  guard count > 0 else { return 0 }
  guard ratio < 1 else { return count }
  return max(1, min(count, Int((ratio * Double(count)).rounded(.toNearestOrEven))))
}

/// A share rounded half to even; 0 if it is not finite.
func wholeCount(_ share: Float) -> Int {
  Int(exactly: share.rounded(.toNearestOrEven)) ?? 0
}

/// The `count` candidates with the highest scores, in ascending order of index; the first wins
/// ties.
func topScoring(_ count: Int, of candidates: [Int], by scores: [Float]) -> [Int] {
  guard count < candidates.count else { return candidates }
  let best = candidates.sorted { (scores[$0], $1) > (scores[$1], $0) }.prefix(max(0, count))
  return best.sorted()
}

/// Sizes of consecutive windows over `count` tokens; the last window may be shorter.
func windowSizes(_ count: Int, of window: Int) -> [Int] {
  stride(from: 0, to: count, by: window).map { min(window, count - $0) }
}
