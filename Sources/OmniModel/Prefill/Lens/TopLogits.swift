extension [Float] {
  /// Indices of the `count` largest values, in descending order; of equal values the first comes
  /// first. O(n · count).
  public func topIndices(_ count: Int) -> [Int] {
    var best: [Int] = []
    guard count > 0 else { return [] }
    for index in indices {
      if best.count == count, !(self[index] > self[best[count - 1]]) { continue }
      let place = best.firstIndex { self[index] > self[$0] } ?? best.count
      if best.count == count { best.removeLast() }
      best.insert(index, at: place)
    }
    return best
  }
}
