import Tensors

/// VisionZip: in each window, the tokens that receive most attention are kept, and the other tokens
/// are merged into evenly spaced anchors.
public struct DominantMerge: Sendable {
  /// Share of each window's tokens to keep, including anchors.
  public let ratio: Double
  /// Share of each window's tokens that become anchors.
  public let contextual: Double
  public let windowTokens: Int

  public init(ratio: Double, contextual: Double, windowTokens: Int) {
    self.ratio = ratio
    self.contextual = contextual
    self.windowTokens = max(1, windowTokens)
  }

  /// The selected tokens.
  public struct Outcome: Sendable, Equatable {
    /// Offsets of the kept tokens, ascending.
    public let kept: [Int]
    /// The merged tokens, by offset.
    public let merges: [TokenMerge]
    /// The anchors: each the sum of its own features and the mean of those merged into it.
    var changed: ChangedRows { ChangedRows(merges) { _ in 1 } }
  }

  /// Selects the tokens of a window.
  /// - Parameters:
  ///   - attention: attention received by each token, [tokens].
  ///   - keys: keys averaged over heads, [tokens, headWidth].
  public func select(attention: [Float], keys: Tensor) -> Outcome {
    var kept: [Int] = []
    var merges: [TokenMerge] = []
    for start in stride(from: 0, to: attention.count, by: windowTokens) {
      let window = Array(start..<min(start + windowTokens, attention.count))
      let dominant = topScoring(dominantCount(window.count), of: window, by: attention)
      let chosen = Set(dominant)
      let others = window.filter { !chosen.contains($0) }
      let anchors = anchors(among: others, window.count)
      let isAnchor = Set(anchors)
      let assigned = others.filter { !isAnchor.contains($0) }
      merges += Self.merge(assigned, into: anchors, keys)
      kept += (dominant + anchors).sorted()
    }
    return Outcome(kept: kept, merges: merges)
  }

  /// Number of dominant tokens, computed in single precision and truncated, as in the published
  /// code.
  private func dominantCount(_ count: Int) -> Int {
    guard ratio > contextual else { return 0 }
    return min(count, max(1, Int(Float(ratio - contextual) * Float(count))))
  }

  private func anchors(among others: [Int], _ count: Int) -> [Int] {
    guard contextual > 0, !others.isEmpty else { return [] }
    return Self.strided(anchorCount(count), of: others)
  }

  private func anchorCount(_ count: Int) -> Int {
    contextual > 0 ? max(1, Int((contextual * Double(count)).rounded(.toNearestOrEven))) : 0
  }

  /// Up to `count` evenly spaced tokens.
  static func strided(_ count: Int, of tokens: [Int]) -> [Int] {
    guard count > 0 else { return [] }
    let step = max(1, tokens.count / count)
    return stride(from: 0, to: tokens.count, by: step).prefix(count).map { tokens[$0] }
  }

  /// Number of kept tokens out of `tokens`, including anchors.
  func keptCount(of tokens: Int) -> Int {
    windowSizes(tokens, of: windowTokens).reduce(0) { sum, size in
      let dominant = dominantCount(size)
      return sum + dominant + min(size - dominant, anchorCount(size))
    }
  }

  /// Merges the other tokens: each anchor adds the mean of the tokens whose keys are most similar
  /// to its key.
  private static func merge(
    _ tokens: [Int], into anchors: [Int], _ keys: Tensor
  ) -> [TokenMerge] {
    guard !tokens.isEmpty, !anchors.isEmpty else { return [] }
    let unit = keys.dividingRows(by: keys.rowNorms().map { $0 + 1e-6 })
    let similarity = unit.gatherRows(tokens).timesTransposed(unit.gatherRows(anchors))
    var groups = [[Int]](repeating: [], count: anchors.count)
    for (row, token) in tokens.enumerated() {
      let likeness = similarity.row(row)
      let best = likeness.indices.reduce(likeness.startIndex) {
        likeness[$1] > likeness[$0] ? $1 : $0
      }
      groups[best - likeness.startIndex].append(token)
    }
    return zip(anchors, groups).flatMap { anchor, group in
      group.map { TokenMerge(token: $0, survivor: anchor, weight: 1 / Float(group.count)) }
    }
  }
}
