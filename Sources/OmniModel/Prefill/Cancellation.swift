import Basics
import Synchronization
import Tensors

/// A thread-safe cancellation flag, which the engine checks every few milliseconds, with the
/// progress of the encoders, reported at the same places.
public final class Cancellation: Sendable {
  private let flag = Atomic(false)
  private let onProgress: (@Sendable (WorkProgress) -> Void)?
  private let now: @Sendable () -> Duration
  private let part = Mutex<EncoderPart?>(nil)

  /// - Parameters:
  ///   - onProgress: receives the progress of the encoders, on the computing thread.
  ///   - now: the clock of the progress.
  public init(
    onProgress: (@Sendable (WorkProgress) -> Void)? = nil,
    now: @escaping @Sendable () -> Duration = ProgressMeter.uptime
  ) {
    (self.onProgress, self.now) = (onProgress, now)
  }

  /// Requests cancellation of the computation.
  public func request() { flag.store(true, ordering: .relaxed) }
  /// Clears the cancellation request.
  public func clear() { flag.store(false, ordering: .relaxed) }

  public var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Throws `PrefillError.cancelled` if cancellation was requested.
  public func check() throws(PrefillError) {
    if isRequested { throw .cancelled }
  }
}

/// The input that an encoder is working on, out of all inputs of its kind.
private struct EncoderPart: Sendable {
  let work: WorkProgress.Work
  var index: Int
  let count: Int
  var meter: ProgressMeter?
}

extension Cancellation {
  /// Begins the encoding of an input.
  /// - Parameters:
  ///   - index: number of the input among `count` of its kind, from 0.
  func begin(_ work: WorkProgress.Work, _ index: Int, of count: Int) {
    part.withLock { part in
      if part?.work == work {
        part?.index = index
      } else {
        part = EncoderPart(work: work, index: index, count: count)
      }
    }
  }

  /// Ends the work on all inputs of a kind.
  func end() {
    let meter = part.withLock { part in
      defer { part = nil }
      return part?.meter
    }
    meter?.finish()
  }

  /// Checks for cancellation before a block of an encoder, and reports the blocks that are done.
  /// - Parameter block: index of the block, from 0.
  func check(block: Int, of blocks: Int) throws(PrefillError) {
    try check()
    guard let onProgress else { return }
    let found = part.withLock { part -> (meter: ProgressMeter, index: Int)? in
      guard let current = part else { return nil }
      let meter =
        current.meter
        ?? ProgressMeter(
          current.work, total: current.count * blocks, now: now, report: onProgress)
      part?.meter = meter
      return (meter, current.index)
    }
    if let found { found.meter.set(found.index * blocks + block) }
  }
}

/// Where and how a computation first produced invalid values.
public struct NumericFault: Sendable, Equatable {
  /// The step of the prefill whose output is invalid.
  public enum Place: Sendable, Equatable {
    case videoEncoder, imageEncoder, audioEncoder
    /// The embeddings of the prompt's text tokens, or of a token of the answer.
    case embedding
    /// Stage I, if the rule merges tokens.
    case stage1
    case layer(Int)
    /// The relevance scores after a decoder layer.
    case relevance(afterLayer: Int)
    /// The final norm and output head: the logits.
    case head
  }

  public enum Kind: Sendable, Equatable {
    /// A value is infinite or NaN.
    case notFinite
    /// Values are finite, but their squares overflow: the next RMSNorm would return zeros.
    case overflow
    /// All logits have the same value.
    case allEqual
  }

  public let place: Place
  public let kind: Kind
  /// Number of the answer token that was being decoded, from 1; nil during the prefill.
  public var answerToken: Int?

  public init(_ place: Place, _ kind: Kind, answerToken: Int? = nil) {
    self.place = place
    self.kind = kind
    self.answerToken = answerToken
  }
}

extension NumericFault {
  /// Checks hidden states; nil if all are finite and can be normalised.
  /// - Parameter states: [tokens, width].
  init?(_ place: Place, states: Tensor) {
    guard !states.canBeNormalized else { return nil }
    self.init(place, states.isFinite ? .overflow : .notFinite)
  }

  /// Checks logits; nil if they are finite and not all equal.
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

/// Errors of a prefill step; the prefill keeps its state before the step.
public enum PrefillError: Error, Sendable, Equatable {
  /// The step was cancelled.
  case cancelled
  /// The computation gave invalid values, because the weights or the configuration are wrong.
  case broken(NumericFault)
  /// The prefill does not fit in memory (bytes); nothing was computed.
  case tooLarge(PrefillMemoryEstimate, available: Int)
  /// The prefill does not fit below the bound on memory (bytes); a bound of `least` would be
  /// enough.
  case beyondBound(PrefillMemoryEstimate, least: Int, bound: Int)
  /// The engine could not compute the step.
  case engine(EngineFault)
}
