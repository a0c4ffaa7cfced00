import Tensors

/// Event scores of OmniPack's Stage I: for video tokens change over time and difference from their
/// grid, for audio tokens change over time. O(n·width).
enum TokenEvents {
  /// Weight of curvature relative to change and detail.
  static let curvatureShare: Float = 0.35

  /// Event scores of video tokens: minmax(max(change, detail)) + 0.35·minmax(curvature); zeros if
  /// there is only one grid.
  /// - Parameter features: [tokens, width] in raster order, `gridTokens` per grid.
  static func video(_ features: Tensor, gridTokens: Int) -> [Float] {
    let (count, grid) = (features.rows, max(1, gridTokens))
    guard count > grid else { return [Float](repeating: 0, count: count) }
    let changes = change(features, step: grid)
    let details = details(features, gridTokens: grid)
    let salient = minMaxScaled(zip(changes, details).map { max($0, $1) })
    let curved = minMaxScaled(curvatures(features, gridTokens: grid))
    return zip(salient, curved).map { $0 + curvatureShare * $1 }
  }

  /// Change of each token: the larger of 1 − cosine with the tokens `step` before and after it; 0
  /// for a token with neither.
  static func change(_ features: Tensor, step: Int) -> [Float] {
    let norms = norms(features)
    var changes = [Float](repeating: -.infinity, count: features.rows)
    for token in step..<max(step, features.rows) {
      let before = token - step
      let change =
        1 - cosine(features.dotProduct(token, before), norms[token], norms[before])
      changes[token] = max(changes[token], change)
      changes[before] = max(changes[before], change)
    }
    return changes.map { $0 == -.infinity ? 0 : $0 }
  }

  /// Detail of each token: 1 − cosine with the mean of its grid.
  private static func details(_ features: Tensor, gridTokens: Int) -> [Float] {
    blocks(features.rows, of: gridTokens).flatMap { grid -> [Float] in
      var rows = features.rows(grid)
      rows.appendRows(rows.meanRow())
      let norms = norms(rows)
      return (0..<grid.count).map {
        1 - cosine(rows.dotProduct($0, grid.count), norms[$0], norms[grid.count])
      }
    }
  }

  /// Curvature of each token: 1 − cosine between the step from the previous grid and the step to
  /// the next; 0 in the first and last grid.
  private static func curvatures(_ features: Tensor, gridTokens: Int) -> [Float] {
    let (width, elements) = (features.columns, features.elements)
    return (0..<features.rows).map { token in
      guard token >= gridTokens, token + gridTokens < features.rows else { return 0 }
      let here = token * width
      let (before, after) = (here - gridTokens * width, here + gridTokens * width)
      var (dot, arriving, leaving) = (0.0, 0.0, 0.0)
      for column in 0..<width {
        let value = Double(elements[here + column])
        let first = value - Double(elements[before + column])
        let second = Double(elements[after + column]) - value
        dot += first * second
        arriving += first * first
        leaving += second * second
      }
      return 1 - cosine(dot, arriving.squareRoot(), leaving.squareRoot())
    }
  }

  private static func norms(_ features: Tensor) -> [Double] {
    (0..<features.rows).map { features.dotProduct($0, $0).squareRoot() }
  }
}
