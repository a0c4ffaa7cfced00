import Tensors

/// Cosine distances of tokens within consecutive windows.
public struct WindowDistances: Sendable {
  /// Number of tokens in all windows.
  public let tokens: Int
  /// Width of the features.
  public let width: Int
  /// 1 − cos(i, j) of the tokens of one window: [n, n], row-major.
  public let within: @Sendable (Range<Int>) -> [Float]

  public init(
    tokens: Int, width: Int, within: @escaping @Sendable (Range<Int>) -> [Float]
  ) {
    (self.tokens, self.width, self.within) = (tokens, width, within)
  }

  /// Computes the distances of a window when they are needed.
  /// - Parameter features: [tokens, width].
  public init(of features: Tensor) {
    self.init(tokens: features.rows, width: features.columns) { Self.cosine(features.rows($0)) }
  }

  /// Cosine distances of one window, [n, n], row-major: 1 − cos(i, j).
  static func cosine(_ features: Tensor) -> [Float] {
    let unit = features.dividingRows(by: features.rowNorms().map { $0 + 1e-8 })
    var distances = unit.timesTransposed(unit).elements
    for at in distances.indices { distances[at] = 1 - distances[at] }
    return distances
  }
}
