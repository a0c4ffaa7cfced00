import Dispatch
import Foundation
import OmniModel
import Runs
import Selection
import Synchronization
import Tensors

/// An evaluation of a model on a set of questions. Clips are processed one by one, and the encoders
/// run once per clip.
public struct Evaluation: Sendable {
  public let thinker: Thinker
  public let set: EvaluationSet
  /// Maximum answer length, in tokens.
  public let longestAnswer: Int
  /// Converts an error of a clip to an error message.
  private let describe: @Sendable (any Error) -> String

  public init(
    _ thinker: Thinker, _ set: EvaluationSet, longestAnswer: Int = 64,
    describe: @escaping @Sendable (any Error) -> String = { "\($0)" }
  ) {
    self.thinker = thinker
    self.set = set
    self.longestAnswer = longestAnswer
    self.describe = describe
  }

  /// A copy with only the questions that satisfy `isWanted`.
  func filter(_ isWanted: (EvaluationQuestion) -> Bool) -> Evaluation {
    Evaluation(thinker, set.filter(isWanted), longestAnswer: longestAnswer, describe: describe)
  }

  /// Calls `body` for every question, several clips in parallel; results are in file order.
  /// - Parameters:
  ///   - skip: called concurrently for clips that cannot be read; their questions have no results.
  ///     If nil, the first such clip throws.
  ///   - progress: called with the number of questions that are finished or skipped.
  public func map<Result: Sendable>(
    threads: Int, skip: (@Sendable (SkippedClip) throws -> Void)? = nil,
    progress: @escaping @Sendable (Int) -> Void = { _ in },
    _ body: @escaping @Sendable (EncodedQuestion) throws -> Result
  ) throws -> [Result] {
    let clips = set.clips
    // With streamed weights, clips at different layers would evict each other's weights.
    let workers = thinker.streaming == nil ? max(1, min(threads, clips.count)) : 1
    let state = Mutex((results: [Int: [Result]](), next: 0, failure: (any Error)?.none))
    let done = Counter(0)
    @Sendable func results(of clip: EvaluationClip) throws -> [Result] {
      let asked: [EncodedQuestion]
      do {
        asked = try questions(of: clip)
      } catch let error where skip != nil && SkippedClip.allows(error) {
        try skip?(
          SkippedClip(
            clip: clip.id, questions: clip.questions.map(\.id), reason: describe(error)))
        for _ in clip.questions { progress(done.increment()) }
        return []
      }
      return try asked.map { question in
        defer { progress(done.increment()) }
        return try body(question)
      }
    }
    // Several clips run in parallel, so each matrix product uses its share of the threads.
    ProductThreads.using(max(1, threads / workers)) {
      DispatchQueue.concurrentPerform(iterations: workers) { _ in
        while let index = state.withLock({ state -> Int? in
          guard state.next < clips.count, state.failure == nil else { return nil }
          defer { state.next += 1 }
          return state.next
        }) {
          do {
            let results = try results(of: clips[index])
            state.withLock { $0.results[index] = results }
          } catch {
            state.withLock { $0.failure = $0.failure ?? error }
          }
        }
      }
    }
    let end = state.withLock { ($0.results, $0.failure) }
    if let failure = end.1 { throw failure }
    return clips.indices.flatMap { end.0[$0] ?? [] }
  }

  private func questions(of clip: EvaluationClip) throws -> [EncodedQuestion] {
    // The fingerprint is computed before reading, so that a later change of the file is noticed.
    let identity = clip.identity()
    let loaded = try clip.load()
    let silent = try Prompt(loaded.conversation, for: thinker)
    let notices = ClipSummary.audit(loaded.loaded, silent, thinker).notices
    var prefill = Prefill(silent, thinker: thinker, plan: .full)
    try prefill.advance(Cancellation())
    guard let media = prefill.encodedMedia else { return [] }
    return try clip.questions.map { question in
      EncodedQuestion(
        windows: clip.windows ?? silent.windowCount, question: question,
        prompt: try silent.asking(question.text, of: thinker), media: media, thinker: thinker,
        longestAnswer: longestAnswer, mediaIdentity: identity,
        notices: notices)
    }
  }
}

/// A question about a clip that is already encoded, so that it can be answered with any plan.
public struct EncodedQuestion: Sendable {
  /// Number of temporal windows in the prompt.
  let windows: Int
  public let question: EvaluationQuestion
  let prompt: Prompt
  let media: EncodedMedia
  public let thinker: Thinker
  let longestAnswer: Int
  /// Fingerprint of the clip's media files; nil if unknown.
  var mediaIdentity: String?
  /// Notices about the clip, such as truncated audio.
  var notices: [String] = []

  public var shape: PromptShape { prompt.shape(layers: thinker.configuration.text.layers) }

  /// A prefill of the question with `plan`, before its first decoder layer.
  public func prefill(_ plan: SelectionPlan) throws(PrefillError) -> Prefill {
    var prefill = Prefill(prompt, thinker: thinker, plan: plan, media: media)
    try prefill.advance(Cancellation())
    return prefill
  }
}

extension Prefill {
  /// Runs the prefill, then decodes greedily until an end-of-sequence token or the maximum length.
  mutating func answer(
    longest: Int, by thinker: Thinker, _ cancellation: Cancellation = Cancellation()
  ) throws(PrefillError) -> EvaluationAnswer {
    while try advance(cancellation) != nil {}
    var decoding = Decoding(self, longest: longest)
    var isCut = true
    while isCut, decoding.tokens.count < longest {
      try cancellation.check()
      isCut = !thinker.stopTokens.contains(try decoding.next())
    }
    let text = thinker.text(decoding.tokens).trimmingCharacters(in: .whitespacesAndNewlines)
    return EvaluationAnswer(
      text: text, tokenIDs: decoding.tokens, firstLogits: logits, isCut: isCut)
  }
}

/// An answer, with the logits of its first token.
public struct EvaluationAnswer: Sendable {
  public let text: String
  public let tokenIDs: [Int]
  /// Logits of the first answer token, [vocabulary].
  public let firstLogits: [Float]
  /// Whether the answer was truncated at the maximum length.
  public var isCut = false

  /// KL(reference ‖ this) of the first answer token, in nats.
  public func divergence(from reference: EvaluationAnswer) -> Double {
    Divergence.nats(of: firstLogits, from: reference.firstLogits)
  }
}

/// Errors of reading the questions of an evaluation.
public enum EvaluationError: Error, Sendable, Equatable {
  case unreadable(file: String, reason: String)
  case badBenchmark(file: String, reason: String)
  case unreadableTasks(file: String, reason: String)
  /// A task is invalid; `reason` is a clause about it, such as `it has no answer`.
  case badTask(file: String, line: Int, reason: String)
}
