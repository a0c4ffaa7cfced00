import OmniModel
import Selection
import Testing

@testable import Runs

/// Numbers that contradict each other are found, whatever is broken.
@Suite struct `Inconsistent step records` {
  private let subject = RunSubject(
    model: ModelSummary(
      name: "m", architecture: "a",
      decoder: DecoderShape(
        layers: 4, hidden: 8, keyValueWidth: 2, intermediate: 8, vocabulary: 9),
      dtype: "float32", parameters: 1),
    clip: ClipSummary(
      title: "", source: "", seconds: nil, frames: 0, question: "", choices: [], answer: nil,
      audit: []),
    prompt: PromptSummary(
      modalities: [.text, .video, .video, .audio, .text], windows: 1, tokensPerGrid: 2))

  private static let whole = ModalityCounts(text: 2, video: 2, audio: 1)
  private static let rest = ModalityCounts(text: 2, video: 1, audio: 1)

  /// After layer 1 one of two video tokens goes.
  private func record(
    entering: ModalityCounts = whole, leaving: ModalityCounts = rest,
    before: [Int] = [0, 1, 2, 3, 4],
    kept: [Int] = [0, 2, 3, 4], scores: [Float] = [0, 0, 1, 1, 0], videoTokens: Int = 2,
    videoBudget: Int = 1, keyValueBytes: Int = 64
  ) -> StepRecord {
    let window = WindowRecord(
      videoWeight: 1, audioWeight: 1, videoRelevance: 0, audioRelevance: 0, budget: 2,
      videoBudget: videoBudget, audioBudget: 1, videoTokens: videoTokens, audioTokens: 1)
    return StepRecord(
      step: .layer(1), entering: entering, leaving: leaving, milliseconds: 1,
      selectionMilliseconds: 1, keyValueBytes: keyValueBytes, referenceFlops: 1, executedFlops: 1,
      drop: DropRecord(
        kind: .prune, path: .windows, before: before, kept: kept, scores: scores,
        windows: [window]))
  }

  private func problem(_ record: StepRecord) -> RecordFault.Problem? {
    record.fault(after: nil, of: subject)?.problem
  }

  @Test func `consistent step records have no fault`() {
    #expect(record().fault(after: nil, of: subject) == nil)
  }

  @Test func `every inconsistent number of a step record is reported`() {
    #expect(problem(record(entering: Self.rest)) == .entering(Self.rest, left: Self.whole))
    #expect(problem(record(leaving: Self.whole)) == .leaving(Self.whole, kept: Self.rest))
    #expect(problem(record(before: [0, 1, 3, 4])) == .present(Self.whole, before: Self.rest))
    #expect(problem(record(kept: [0, 3, 2, 4])) == .order)
    #expect(problem(record(kept: [0, 2, 2, 4])) == .order)
    #expect(problem(record(kept: [0, 2, 3, 5])) == .order)
    #expect(problem(record(scores: [1])) == .scores(1, tokens: 5))
    #expect(problem(record(keyValueBytes: 80)) == .keyValues(80, expected: 64))
    let windows = ModalityCounts(text: 2, video: 2, audio: 1)
    #expect(problem(record(videoBudget: 2)) == .windows(windows, tokens: Self.rest))
    let held = ModalityCounts(text: 2, video: 3, audio: 1)
    #expect(problem(record(videoTokens: 3)) == .windows(held, tokens: Self.whole))
  }

  @Test func `a survivor that was dropped earlier is reported as a fault`() {
    let first = record(keyValueBytes: 64)
    let drop = DropRecord(
      kind: .prune, path: .global, before: [0, 2, 3, 4], kept: [0, 1, 3, 4], scores: [],
      windows: [])
    let second = StepRecord(
      step: .layer(2), entering: Self.rest, leaving: Self.rest, milliseconds: 1,
      selectionMilliseconds: 1, keyValueBytes: 128, referenceFlops: 1, executedFlops: 1, drop: drop)
    let faults = [first, second].faults(of: subject)
    #expect(faults.map(\.problem) == [.unknownPosition(1)])
    #expect(
      faults.first?.description
        == "layer 2 is inconsistent: position 1 is kept but was not present")
  }
}
