import Foundation

/// The next-token distribution that the final norm and the output head give for one row of hidden
/// states (logit lens).
public struct NextTokenPrediction: Sendable, Equatable {
  public struct Candidate: Sendable, Equatable {
    public let id: Int
    public let probability: Double

    public init(id: Int, probability: Double) {
      (self.id, self.probability) = (id, probability)
    }
  }

  /// The most likely tokens, best first; of equal ones the lowest id comes first.
  public let best: [Candidate]
  /// Entropy of the distribution, in nats.
  public let entropy: Double
  /// KL(final ‖ this), in nats: from the distribution after the last layer; nil before that layer
  /// has run.
  public var divergence: Double?

  public init(best: [Candidate], entropy: Double, divergence: Double?) {
    (self.best, self.entropy, self.divergence) = (best, entropy, divergence)
  }
}

extension NextTokenPrediction {
  /// The distribution of some logits; nil if one is not finite.
  /// - Parameters:
  ///   - logits: [vocabulary], not empty.
  ///   - final: logits after the last layer; nil before it has run.
  ///   - count: number of tokens in `best`.
  init?(_ logits: [Float], final: NextTokenLogits?, best count: Int) {
    guard let own = NextTokenLogits(logits) else { return nil }
    best = logits.topIndices(count).map {
      Candidate(id: $0, probability: exp(Double(logits[$0]) - own.normalizer))
    }
    entropy = max(0, own.normalizer - own.mean(of: logits))
    divergence = final.map { final in
      max(
        0,
        final.mean(of: final.logits) - final.normalizer - final.mean(of: logits) + own.normalizer)
    }
  }
}

/// Logits with their probabilities, to compare others with.
struct NextTokenLogits {
  let logits: [Float]
  /// ln Σ exp(logit).
  let normalizer: Double
  /// [vocabulary].
  private let probabilities: [Double]

  /// Nil if a logit is not finite.
  init?(_ logits: [Float]) {
    guard let peak = logits.max(), logits.allSatisfy(\.isFinite) else { return nil }
    self.logits = logits
    var weights = logits.map { exp(Double($0) - Double(peak)) }
    let sum = weights.reduce(0, +)
    for index in weights.indices { weights[index] /= sum }
    probabilities = weights
    normalizer = Double(peak) + log(sum)
  }

  /// The expected value of `values` under this distribution.
  func mean(of values: [Float]) -> Double {
    var sum = 0.0
    for (index, probability) in probabilities.enumerated() {
      sum += probability * Double(values[index])
    }
    return sum
  }
}
