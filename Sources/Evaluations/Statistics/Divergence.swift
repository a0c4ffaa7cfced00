import Foundation

/// KL divergence of next-token distributions.
public enum Divergence {
  /// KL(p ‖ q) = Σ p·(ln p − ln q), in nats; p and q are the softmax of the logits. Never negative.
  /// - Parameters:
  ///   - logits: logits of q, [vocabulary].
  ///   - reference: logits of p, [vocabulary].
  public static func nats(of logits: [Float], from reference: [Float]) -> Double {
    precondition(logits.count == reference.count, "\(logits.count) against \(reference.count)")
    let (q, p) = (logNormalizer(logits), logNormalizer(reference))
    let sum = zip(reference, logits).reduce(0.0) { sum, pair in
      let logP = Double(pair.0) - p
      return sum + exp(logP) * (logP - (Double(pair.1) - q))
    }
    return max(0, sum)
  }

  /// Logarithm of the softmax denominator: ln Σ exp(logit).
  private static func logNormalizer(_ logits: [Float]) -> Double {
    let peak = Double(logits.max() ?? 0)
    return peak + log(logits.reduce(0.0) { $0 + exp(Double($1) - peak) })
  }
}
