import Dispatch
import Foundation
import OmniModel
import Selection
import Synchronization
import SyntheticWorld
import Tensors

/// The questions of a benchmark put to a model, clip by clip; a clip's encoders run once for all
/// its questions.
public struct Exam: Sendable {
  public let thinker: Thinker
  public let clips: [BenchmarkClip]

  /// - Parameters:
  ///   - benchmark: a JSON Lines file of scenes and questions.
  ///   - limit: use at most so many clips, spread evenly over the file; nil uses all.
  /// - Throws: `ExamError` or `CheckpointError`.
  public init(model: String, benchmark: String, limit: Int? = nil) throws {
    guard let text = try? String(contentsOfFile: benchmark, encoding: .utf8) else {
      throw ExamError.unreadable(file: benchmark)
    }
    let all: [BenchmarkClip]
    do {
      all = try Benchmark(parsing: text).clips
    } catch {
      throw ExamError.badBenchmark(file: benchmark, reason: "\(error)")
    }
    guard !all.isEmpty else { throw ExamError.badBenchmark(file: benchmark, reason: "no clips") }
    let count = min(max(1, limit ?? all.count), all.count)
    clips = (0..<count).map { all[$0 * all.count / count] }
    thinker = try Thinker(directory: model)
  }

  public var questionCount: Int { clips.reduce(0) { $0 + $1.questions.count } }

  /// One question, ready to be answered.
  public struct Question: Sendable {
    public let clip: BenchmarkClip
    public let question: BenchmarkQuestion
    let prompt: Prompt
    let media: EncodedMedia
    let thinker: Thinker

    var shape: PromptShape {
      PromptShape(
        layers: thinker.configuration.text.layers, counts: ModalityCounts(prompt.modalities),
        tokensPerGrid: prompt.videoGrid.map { $0.rows * $0.columns } ?? 0)
    }

    /// A prefill before its first layer.
    func prefill(_ plan: SelectionPlan) throws(PrefillError) -> Prefill {
      var prefill = Prefill(prompt, thinker: thinker, plan: plan, media: media)
      try prefill.advance(Cancellation())
      return prefill
    }

    /// Runs a prefill to its end and answers.
    func answer(_ prefill: inout Prefill) throws(PrefillError) -> ExamAnswer {
      while try prefill.advance(Cancellation()) != nil {}
      var decoding = Decoding(prefill)
      while decoding.tokens.count < Exam.longestAnswer {
        if thinker.stopTokens.contains(decoding.next()) { break }
      }
      let text = thinker.text(decoding.tokens).trimmingCharacters(in: .whitespacesAndNewlines)
      return ExamAnswer(
        id: question.id, type: question.type, windows: clip.scene.windows.count, text: text,
        isRight: text == question.answer, firstLogits: prefill.logits)
    }
  }

  /// Longest answer, in tokens.
  static let longestAnswer = 64

  /// Puts every question to `body`, several clips at a time; results in file order.
  public func map<Result: Sendable>(
    threads: Int, progress: @escaping @Sendable (Int) -> Void = { _ in },
    _ body: @escaping @Sendable (Question) throws -> Result
  ) throws -> [Result] {
    // Clips keep the cores busy; products of their own threads would only get in the way.
    ProductThreads.use(1)
    let state = Mutex((results: [Int: [Result]](), next: 0, done: 0, failure: (any Error)?.none))
    DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
      while let index = state.withLock({ state -> Int? in
        guard state.next < clips.count, state.failure == nil else { return nil }
        defer { state.next += 1 }
        return state.next
      }) {
        do {
          let results = try questions(of: clips[index]).map(body)
          let done = state.withLock { state in
            state.results[index] = results
            state.done += results.count
            return state.done
          }
          progress(done)
        } catch {
          state.withLock { $0.failure = error }
        }
      }
    }
    let end = state.withLock { ($0.results, $0.failure) }
    if let failure = end.1 { throw failure }
    return clips.indices.flatMap { end.0[$0] ?? [] }
  }

  private func questions(of clip: BenchmarkClip) throws -> [Question] {
    let renderer = try SceneRenderer(clip.scene)
    let input = ClipInput(
      question: "",
      video: clip.modalities.contains(.video)
        ? PixelFrames(renderer.frames(), height: Scene.side, width: Scene.side) : nil,
      waveform: clip.modalities.contains(.audio) ? renderer.waveform() : nil,
      secondsPerGrid: 2 / Scene.framesPerSecond, leastPixels: 1)
    let silent = try Prompt(input, for: thinker)
    var prefill = Prefill(silent, thinker: thinker, plan: .full)
    try prefill.advance(Cancellation())
    guard let media = prefill.encodedMedia else { return [] }
    return try clip.questions.map { question in
      Question(
        clip: clip, question: question,
        prompt: try silent.asking(question.question, of: thinker), media: media, thinker: thinker)
    }
  }
}

/// Why a benchmark cannot be used.
public enum ExamError: Error, Sendable, Equatable {
  case unreadable(file: String)
  case badBenchmark(file: String, reason: String)
}

/// One answered question.
public struct ExamAnswer: Sendable {
  public let id: String
  public let type: String
  /// Temporal windows of the clip.
  public let windows: Int
  public let text: String
  public let isRight: Bool
  /// Logits of the first token, [vocabulary].
  public let firstLogits: [Float]
}

/// A share of right answers.
public struct Accuracy: Sendable, Equatable, Encodable {
  public let right, asked: Int

  public init(_ answers: some Sequence<Bool>) {
    var (right, asked) = (0, 0)
    for isRight in answers {
      asked += 1
      right += isRight ? 1 : 0
    }
    (self.right, self.asked) = (right, asked)
  }

  public var share: Double { asked > 0 ? Double(right) / Double(asked) : 0 }

  /// √(p·(1 − p)/n).
  public var standardError: Double {
    asked > 0 ? (share * (1 - share) / Double(asked)).squareRoot() : 0
  }
}
