import Synchronization
import Tensors

/// A request to stop, seen by the engine between pieces of work that take milliseconds. Setting it
/// is safe from any thread.
public final class Cancellation: Sendable {
  private let flag = Atomic(false)

  public init() {}

  /// Asks the engine to stop.
  public func request() { flag.store(true, ordering: .relaxed) }
  /// Takes the request back, before the next piece of work.
  public func clear() { flag.store(false, ordering: .relaxed) }

  public var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Called by the engine between pieces of work; throws `cancelled` once there is a request.
  public func check() throws(PrefillError) {
    if isRequested { throw .cancelled }
  }
}

/// Where numbers that cannot be computed with came out first.
public struct NumericFault: Sendable, Equatable {
  /// Whose output it is.
  public enum Place: Sendable, Equatable {
    case videoEncoder, imageEncoder, audioEncoder
    /// The embeddings of the prompt's text tokens, or of a token of the answer.
    case embedding
    /// Stage I of a rule that merges tokens.
    case stage1
    case layer(Int)
    /// The scores that the selection after a layer is made by.
    case relevance(afterLayer: Int)
    /// Final norm and head: the logits.
    case head
  }

  public enum Kind: Sendable, Equatable {
    /// Infinities, or not numbers at all.
    case notFinite
    /// Finite, but their squares are not: the next norm would make zeros of them.
    case overflow
    /// All logits are the same number: no token is likelier than another.
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
  /// Nil where hidden states can be normalised.
  /// - Parameter states: [tokens, width].
  init?(_ place: Place, states: Tensor) {
    guard !states.canBeNormalized else { return nil }
    self.init(place, states.isFinite ? .overflow : .notFinite)
  }

  /// Nil where one token can be told from another.
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

/// Why a step of a prefill did not finish; nothing it was changing has changed.
public enum PrefillError: Error, Sendable, Equatable {
  /// Stopped on request.
  case cancelled
  /// Numbers that cannot be computed with came out: the weights or the configuration are broken.
  case broken(NumericFault)
  /// The prefill does not fit in memory; nothing was computed. Bytes.
  case tooLarge(PrefillForecast, available: Int)
}
