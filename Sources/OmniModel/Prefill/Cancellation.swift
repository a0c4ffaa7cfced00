import Synchronization
import Tensors

/// A cancellation flag, checked by the engine between units of work of milliseconds. Thread-safe.
public final class Cancellation: Sendable {
  private let flag = Atomic(false)

  public init() {}

  /// Requests cancellation.
  public func request() { flag.store(true, ordering: .relaxed) }
  /// Clears the request.
  public func clear() { flag.store(false, ordering: .relaxed) }

  public var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Throws `cancelled` after a request; called by the engine between units of work.
  public func check() throws(PrefillError) {
    if isRequested { throw .cancelled }
  }
}

/// The first invalid values of a computation.
public struct NumericFault: Sendable, Equatable {
  /// The step with invalid output.
  public enum Place: Sendable, Equatable {
    case videoEncoder, imageEncoder, audioEncoder
    /// The embeddings of the prompt's text tokens, or of a token of the answer.
    case embedding
    /// Stage I of a rule that merges tokens.
    case stage1
    case layer(Int)
    /// The relevance scores after a layer.
    case relevance(afterLayer: Int)
    /// Final norm and head: the logits.
    case head
  }

  public enum Kind: Sendable, Equatable {
    /// Infinite or NaN.
    case notFinite
    /// Finite, but with overflowing squares: the next norm would give zeros.
    case overflow
    /// All logits are equal.
    case allEqual
  }

  public let place: Place
  public let kind: Kind
  /// The token of the answer that was being decoded, counted from 1; nil in the prefill.
  public var answerToken: Int?

  public init(_ place: Place, _ kind: Kind, answerToken: Int? = nil) {
    self.place = place
    self.kind = kind
    self.answerToken = answerToken
  }
}

extension NumericFault {
  /// Nil if all hidden states can be normalised.
  /// - Parameter states: [tokens, width].
  init?(_ place: Place, states: Tensor) {
    guard !states.canBeNormalized else { return nil }
    self.init(place, states.isFinite ? .overflow : .notFinite)
  }

  /// Nil if the logits are finite and not all equal.
  /// - Parameter logits: [vocabulary].
  init?(logits: [Float]) {
    guard logits.allSatisfy(\.isFinite) else {
      self.init(.head, .notFinite)
      return
    }
    guard let first = logits.first, logits.count > 1, logits.allSatisfy({ $0 == first }) else {
      return nil
    }
    self.init(.head, .allEqual)
  }
}

/// Errors of a prefill step; the prefill is unchanged.
public enum PrefillError: Error, Sendable, Equatable {
  /// Cancelled.
  case cancelled
  /// Invalid values: the weights or the configuration are broken.
  case broken(NumericFault)
  /// The prefill does not fit in memory; nothing was computed. Bytes.
  case tooLarge(PrefillMemoryEstimate, available: Int)
  /// The engine gave no answer.
  case engine(EngineFault)
}
