import OmniModel

/// Scores of tokens that are computed when they are asked for.
public struct TokenScoreRequest: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    /// Relevance after the layer, computed like that of a drop.
    case relevance
    /// Attention of the next token's row in one head of the layer, counted from 0.
    case head(Int)
  }

  /// Counted from 1.
  public let layer: Int
  public let kind: Kind

  public init(layer: Int, _ kind: Kind) {
    (self.layer, self.kind) = (layer, kind)
  }
}

/// Scores of the tokens that were there.
public struct TokenScores: Sendable, Equatable {
  public let request: TokenScoreRequest
  /// Positions in the prompt, ascending, with their scores; empty if the engine offers none.
  public let positions: [Int]
  public let scores: [Float]

  public init(_ request: TokenScoreRequest, positions: [Int], scores: [Float]) {
    (self.request, self.positions, self.scores) = (request, positions, scores)
  }
}

extension ProfiledRun {
  /// Scores of the tokens of a finished layer.
  /// - Returns: nil if the layer is not finished.
  public func scores(
    _ request: TokenScoreRequest, _ cancellation: Cancellation
  ) throws(PrefillError) -> TokenScores? {
    guard 1...max(1, prefill.finishedLayers) ~= request.layer, prefill.finishedLayers > 0 else {
      return nil
    }
    let none = TokenScores(request, positions: [], scores: [])
    switch request.kind {
    case .relevance:
      let found = try prefill.relevance(afterLayer: request.layer, cancellation)
      return found.map { TokenScores(request, positions: $0.positions, scores: $0.scores) } ?? none
    case .head(let head):
      let found = try prefill.attentionWeights(
        inLayer: request.layer, head: head, cancellation)
      return found.map { TokenScores(request, positions: $0.positions, scores: $0.weights) } ?? none
    }
  }
}
