// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Fixtures keep the spelling of their keys.

import OmniModel
import Selection
import TestSupport
import Testing

@testable import Evaluations
@testable import Runs

/// Worth of windows on tiny checkpoints: the effects are noise, the accounting is not.
@Suite struct `Worth of windows` {
  private static let layers = 10

  private func request(_ layer: Int, plan: SelectionSettings? = nil) -> WorthRequest {
    WorthRequest(
      layer: layer, relevanceLayers: [3, 5, 10],
      windows: SelectionWindows(grids: 1, audioSeconds: 1), plan: plan)
  }

  private func questions() throws -> [EncodedQuestion] {
    try EvaluationFixture.evaluation(1).map(threads: 1) { $0 }
  }

  private func question() throws -> EncodedQuestion { try #require(questions().first) }

  private func measured(_ probe: WorthProbe) throws -> WorthResult {
    var probe = probe
    while try probe.advance(Cancellation()) {}
    return probe.result
  }

  private static var seats: SelectionSettings {
    var settings = SelectionSettings(defaultsForLayers: layers)
    settings.budget = RetentionBudget(video: 0.3, audio: 0.4)
    (settings.dropLayers, settings.lateLayer) = ([3, 5], 9)
    return settings
  }

  @Test(arguments: [1, 2, 4, 6, 10], [false, true])
  func `a trial from the shared prefix equals a new run bit for bit`(
    _ layer: Int, _ isOnPlan: Bool
  ) throws {
    let question = try question()
    let request = request(layer, plan: isOnPlan ? Self.seats : nil)
    let plan = request.base(for: question.shape)
    let trials = try OmissionProbe(
      question.prefill(plan), plan: plan, from: layer, by: question.thinker, longestAnswer: 8,
      Cancellation())
    for window in MediaWindow.all(in: question.shape, request.windows).prefix(4) {
      let changed = plan.leavingOut(window.tokens, from: layer)
      let trial = try trials.outcome(of: changed, from: layer, Cancellation())
      var fresh = try question.prefill(changed)
      let answer = try fresh.answer(longest: 8, by: question.thinker)
      #expect(trial.answer.firstLogits == answer.firstLogits)
      #expect(trial.answer.tokenIDs == answer.tokenIDs)
      #expect(trial.steps.count == Self.layers - layer + 2)
    }
  }

  @Test func `tokens left out are in earlier layers and not in later ones`() throws {
    let question = try question()
    let tokens = TokenList(video: [0, 2], audio: 3..<8)
    var prefill = try question.prefill(SelectionPlan.full.leavingOut(tokens, from: 5))
    _ = try prefill.answer(longest: 1, by: question.thinker)
    let counts = question.shape.counts
    for layer in 1...Self.layers {
      let entering = prefill.outcomes[layer + 1].entering
      #expect(entering.video == counts.video - (layer >= 5 ? 2 : 0))
      #expect(entering.audio == counts.audio - (layer >= 5 ? 5 : 0))
      #expect(entering.text == counts.text)
    }
    let modalities = question.prompt.modalities
    let ordinals = modalities.ordinals
    let gone = Set(modalities.indices).subtracting(prefill.survivors)
    #expect(gone.count == 7)
    for position in gone { #expect(tokens.contains(modalities[position], ordinals[position])) }
  }

  @Test(arguments: [1, 4, 10], [false, true])
  func `the stated cost is what the trials execute`(_ layer: Int, _ isOnPlan: Bool) throws {
    // Without drops after the layer the cost is exact under a plan as well.
    var settings = Self.seats
    (settings.dropLayers, settings.lateLayer) = ([3], nil)
    let probe = try WorthProbe(
      question(), request(max(layer, isOnPlan ? 4 : 1), plan: isOnPlan ? settings : nil),
      Cancellation())
    let stated = probe.result.cost
    #expect(probe.result.measured == 0 && (stated.seconds ?? 0) > 0)
    let result = try measured(probe)
    let effects = result.windows.compactMap(\.effect)
    #expect(result.isComplete && effects.count == result.windows.count && effects.count > 3)
    #expect(stated.partialPrefills == effects.count { $0.referenceFlops > 0 })
    let executed = effects.reduce(0) { $0 + $1.referenceFlops }
    #expect(abs((stated.referenceFlops ?? 0) - executed) <= 1e-9 * executed)
  }

  @Test func `the cost before the first run equals that stated after it`() throws {
    let question = try question()
    let request = request(6)
    let cost = ReferenceCost(DecoderShape(question.thinker.configuration.text))
    let before = WorthCost(request, question.shape, cost, measured: nil)
    let stated = try WorthProbe(question, request, Cancellation()).result.cost
    #expect(before.partialPrefills == stated.partialPrefills)
    #expect(before.referenceFlops == stated.referenceFlops && before.seconds == nil)
  }

  @Test func `a window that the plan dropped before has no effect and costs nothing`() throws {
    let question = try question()
    var settings = Self.seats
    settings.forced = ForcedTokens(dropped: TokenList(video: 0..<4096))
    let result = try measured(WorthProbe(question, request(4, plan: settings), Cancellation()))
    for window in result.windows where window.modality == .video {
      #expect(window.present == 0 && window.effect?.divergence == 0)
      #expect(window.effect?.isSame == true && window.effect?.referenceFlops == 0)
    }
    #expect(result.cost.partialPrefills == result.windows.count { $0.present > 0 })
    #expect(result.cost.partialPrefills < result.windows.count)
  }

  @Test func `relevance of windows sums to that of all video and audio tokens`() throws {
    let question = try question()
    let result = try WorthProbe(question, request(6), Cancellation()).result
    #expect(
      result.measures == [
        "relevance 3", "relevance 5", "relevance 10", "attention received", "salience",
      ])
    for name in result.measures.prefix(3) {
      let sum = result.windows.reduce(0) { $0 + ($1.importance[name] ?? 0) }
      #expect(sum > 0 && sum < 1, "\(name): text has the rest")
    }
    // A rule that keeps all: its scores are the relevance.
    let rule = LayerBoundary(afterLayer: 5, rule: GlobalRule(KeptShares(video: 1, audio: 1)))
    var scored = try question.prefill(SelectionPlan(method: .full, boundaries: [rule]))
    _ = try scored.answer(longest: 1, by: question.thinker)
    let scores = try #require(scored.outcomes[6].drop).scores
    let video = question.prompt.modalities.indices.filter {
      question.prompt.modalities[$0] == .video
    }
    let first = try #require(result.windows.first)
    let expected = first.tokens.video.reduce(0.0) { $0 + Double(scores[video[$1]]) }
    #expect(abs((first.importance["relevance 5"] ?? 0) - expected) < 1e-6)
  }

  @Test func `a cancelled study keeps its results and resumes with the same ones`() throws {
    let question = try question()
    let whole = try measured(WorthProbe(question, request(4), Cancellation()))
    var probe = try WorthProbe(question, request(4), Cancellation())
    let cancellation = Cancellation()
    #expect(try probe.advance(cancellation))
    cancellation.request()
    #expect(throws: PrefillError.cancelled) { try probe.advance(cancellation) }
    #expect(probe.result.measured == 1)
    #expect(throws: PrefillError.cancelled) { try WorthProbe(question, request(4), cancellation) }
    let resumed = try measured(probe)
    #expect(resumed.windows == whole.windows && resumed.answer == whole.answer)
  }

  @Test func `a span is left out in one trial`() throws {
    let question = try question()
    var request = request(5)
    request.span = TokenList(video: 0..<3, audio: 0..<2)
    let result = try measured(WorthProbe(question, request, Cancellation()))
    #expect(result.windows.count == 1 && result.cost.partialPrefills == 1)
    #expect(result.windows[0].present == 5 && result.windows[0].tokens == request.span)
  }

  @Test func `correlations of several questions have clustered standard errors`() throws {
    let study = try WorthStudy.run(
      EvaluationFixture.evaluation(3), request(6), threads: 2)
    #expect(study.rows.count == 6 && Set(study.rows.map(\.clip)).count == 3)
    let all = study.correlations.filter { $0.kind == nil }
    #expect(all.allSatisfy { 1...6 ~= $0.questions && abs($0.mean) <= 1 })
    let named = try #require(all.first { $0.measure == "relevance 5" && $0.scope == .all })
    #expect(named.questions == 6 && named.standardError != nil)
    let each = study.rows.compactMap { $0.result.correlation("relevance 5", .all) }
    #expect(abs(named.mean - each.reduce(0, +) / Double(each.count)) < 1e-12)
    #expect(Set(study.correlations.compactMap(\.kind)) == ["a", "b"])
    #expect(
      study.cost?.partialPrefills == study.rows.reduce(0) { $0 + $1.result.windows.count })
  }

  @Test func `several threads give the same study as one`() throws {
    let one = try WorthStudy.run(EvaluationFixture.evaluation(3), request(6), threads: 1)
    let many = try WorthStudy.run(EvaluationFixture.evaluation(3), request(6), threads: 3)
    #expect(one.correlations == many.correlations)
    #expect(one.rows.map(\.result.windows) == many.rows.map(\.result.windows))
  }
}

/// Leaving out windows in transformers: `Tests/Fixtures/golden/worth/worth.py`.
@Suite struct `Worth in transformers` {
  private struct Golden: Decodable {
    struct Case: Decodable {
      let from_layer: Int
      let modality: Modality
      let index, tokens: Int
      let divergence: Double
      let logits: [Float]
    }

    let cases: [Case]
  }

  @Test func `leaving out a window equals removing its rows in transformers`() throws {
    let golden = try Fixtures.decode(Golden.self, "worth/worth.json")
    let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path
    let thinker = try Thinker(
      directory: Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path)
    let evaluation = Evaluation(
      thinker, EvaluationSet(clips: [clip], input: InputLayers(), for: thinker), longestAnswer: 1)
    let found = try evaluation.map(threads: 1) { question in
      try golden.cases.map { one in
        let windows = MediaWindow.all(in: question.shape, SelectionWindows())
        let window = try #require(
          windows.first { $0.modality == one.modality && $0.index == one.index })
        #expect(window.tokens.count == one.tokens)
        let trials = try OmissionProbe(
          question.prefill(.full), plan: .full, from: one.from_layer, by: question.thinker,
          longestAnswer: 1, Cancellation())
        return try trials.outcome(
          of: SelectionPlan.full.leavingOut(window.tokens, from: one.from_layer),
          from: one.from_layer, Cancellation())
      }
    }
    let outcomes = try #require(found.first)
    #expect(golden.cases.count == 24 && outcomes.count == 24)
    for (outcome, one) in zip(outcomes, golden.cases) {
      #expect(worstMiss(outcome.answer.firstLogits.prefix(64), one.logits, absolute: 1e-3) <= 0)
      #expect(abs(outcome.divergence - one.divergence) < 1e-4 + 1e-3 * one.divergence)
    }
  }
}
