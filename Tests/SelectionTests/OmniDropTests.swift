import Tensors
import Testing

@testable import Selection

/// OmniDrop by what its paper states: hand-computed cases, its schedule, and budgets.
@Suite struct `OmniDrop selection` {
  private func kept(
    _ scores: [Float], windows: [Int]? = nil, drop: Double, diversity: Float = 0
  ) -> [Int] {
    ProgressivePruning(drop: drop, diversity: diversity).select(
      scores: scores, windows: windows ?? scores.map { _ in 0 })
  }

  @Test func `OmniDrop drops the share with the least attention, rounded down`() {
    #expect(kept([0.1, 0.4, 0.2, 0.3], drop: 0.5) == [1, 3])
    #expect(kept([0.1, 0.4, 0.2, 0.3], drop: 0.49) == [1, 2, 3])
    #expect(kept([0.1, 0.4, 0.2, 0.3], drop: 0.24) == [0, 1, 2, 3])
    #expect(kept([0.1, 0.4, 0.2, 0.3], drop: 1) == [1], "one is left")
    #expect(kept([0.5, 0.5, 0.5, 0.5], drop: 0.5) == [0, 1], "of equals the last goes first")
    #expect(kept([], drop: 0.5) == [])
  }

  @Test func `OmniDrop with diversity keeps tokens far from the key window`() {
    let scores: [Float] = [0.1, 0.3, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8]
    let windows = [0, 0, 1, 1, 2, 2, 3, 3]
    #expect(kept(scores, windows: windows, drop: 0.25) == [1, 3, 4, 5, 6, 7])
    // The key window is 3. Candidates are 0…3 with 0.1 + 1.2, 0.3 + 1.2, 0.2 + 0.8 and 0.4 + 0.8; token
    // 4, with 0.5 + 0.4, is none.
    #expect(
      kept(scores, windows: windows, drop: 0.25, diversity: 1.2) == [0, 1, 4, 5, 6, 7])
    #expect(kept(scores, drop: 0.25, diversity: 9) == [1, 3, 4, 5, 6, 7], "one window")
  }

  @Test func `OmniDrop's shares per layer follow a sigmoid of depth`() {
    let gentle = OmniDrop.Schedule(final: 0.2, scale: 1)
    #expect(gentle.initial == 0)
    #expect(abs(gentle.drop(after: 14, of: 28) - 0.1) < 1e-12)
    #expect(abs(gentle.drop(after: 21, of: 28) - 0.198661) < 1e-6)
    #expect(gentle.drop(after: 1, of: 28) < 2e-5)
    let steep = OmniDrop.Schedule(final: 0.5, scale: 1)
    #expect(abs(steep.initial - 0.02) < 1e-12)
    #expect(abs(steep.drop(after: 14, of: 28) - 0.26) < 1e-12)
  }

  private func settings(
    _ video: Double, _ audio: Double, layers: Int = 28
  ) -> SelectionSettings {
    var settings = SelectionSettings(defaultsForLayers: layers)
    (settings.method, settings.budget) = (.omnidrop, RetentionBudget(video: video, audio: audio))
    return settings
  }

  /// Ten chunks of the paper: 288 video and 50 audio tokens each.
  private static let film = PromptShape(
    layers: 28, counts: .init(text: 60, video: 2880, audio: 500), tokensPerGrid: 144)

  @Test func `OmniDrop's published schedule keeps 30 % of the paper's clip`() throws {
    let schedule = OmniDrop.schedule(settings(0.3, 0.3), Self.film)
    #expect(schedule.scale == 1, "40 % of video and 70 % of audio enter")
    // 0.2 was chosen so as to stay below 30 %.
    #expect(schedule.final > 0.15 && schedule.final < 0.2)
    let plan = settings(0.3, 0.3).plan(for: Self.film)
    #expect(plan.encoderRule?.ratios == RetentionBudget(video: 0.4, audio: 0.7))
    #expect(plan.boundaries.last?.afterLayer == 27, "none after the last layer")
    let rules = plan.boundaries.compactMap { $0.rule as? ProgressiveRule }
    #expect(rules.count == plan.boundaries.count)
    for (boundary, rule) in zip(plan.boundaries, rules) {
      #expect((rule.diversity > 0) == (boundary.afterLayer >= 14))
    }
  }

  /// Video and audio tokens that the layers process, as the rules of the plan predict.
  private func layerSum(_ plan: SelectionPlan, _ shape: PromptShape) -> Int {
    var counts = plan.encoderRule?.entering(each: shape) ?? shape.counts
    return (1...shape.layers).reduce(0) { sum, layer in
      defer {
        if let rule = plan.boundary(afterLayer: layer)?.rule { counts = rule.leaving(counts) }
      }
      return sum + counts.video + counts.audio
    }
  }

  @Test(arguments: [
    (0.3, 0.65), (0.2, 0.55), (0.1, 0.45), (0.06, 0.35), (0.03, 0.175), (0.6, 0.9), (0.9, 0.2),
  ])
  func `OmniDrop's average retention over layers equals the budget`(
    _ video: Double, _ audio: Double
  ) {
    let shapes = [
      Self.film,
      PromptShape(
        layers: 12, counts: .init(text: 30, video: 160, audio: 250), tokensPerGrid: 16),
      PromptShape(layers: 36, counts: .init(text: 9, video: 700), tokensPerGrid: 100),
      PromptShape(layers: 5, counts: .init(text: 9, audio: 300), tokensPerGrid: 0),
    ]
    for shape in shapes {
      let plan = settings(video, audio, layers: shape.layers).plan(for: shape)
      let wanted =
        (video * Double(shape.counts.video) + audio * Double(shape.counts.audio))
        * Double(shape.layers)
      let found = Double(layerSum(plan, shape))
      #expect(found <= wanted && found > 0.93 * wanted, "\(found) of \(wanted), \(shape)")
    }
  }

  @Test func `OmniDrop notes encoder ratios other than the published ones`() {
    #expect(settings(0.3, 0.3).plan(for: Self.film).notes.isEmpty)
    let small = settings(0.03, 0.175).plan(for: Self.film)
    #expect(small.notes.first?.contains("instead of the published 40 and 70 %") == true)
    #expect(settings(1, 1).plan(for: Self.film).notes.isEmpty)
    let none = settings(0, 0).plan(for: Self.film)
    #expect(none.notes.first?.contains("exceeds the budget") == true)
  }

  private struct Tokens: EncodedTokens {
    let features: Tensor
    let attention: [Float]
    func attentionReceived(in windows: SelectionWindows) -> [Float] { attention }
    func attentionFlops(in windows: SelectionWindows) -> Double { 1 }
    func keyMeans() -> Tensor { features }
  }

  @Test func `OmniDrop selects video by change and audio by attention first`() throws {
    // Two grids of two tokens; the second token of the second grid changes.
    let video = Tokens(features: Tensor([4, 2], [1, 0, 0, 1, 1, 0, 1, 0]), attention: [])
    let audio = Tokens(features: Tensor([4, 1], [1, 1, 1, 1]), attention: [0.2, 0.4, 0.4, 0.3])
    let inputs = EncoderInputs(
      modalities: [.text] + [Modality](repeating: .video, count: 4)
        + [Modality](repeating: .audio, count: 4), gridTokens: 2, video: video, audio: audio)
    let outcome = try UnimodalRule(video: 0.75, audio: 0.5, windows: SelectionWindows())
      .select(inputs)
    #expect(outcome.kept == [0, 1, 2, 4, 6, 7])
  }

  @Test func `OmniDrop has one budget for both modalities after a layer`() throws {
    let modalities: [Modality] = [.text, .video, .video, .audio, .audio, .text]
    let rule = ProgressiveRule(drop: 0.5, diversity: 0)
    let outcome = try rule.select(
      BoundaryInputs(
        modalities: modalities, positions: Array(0..<6), layer: 3,
        relevance: { .init(scores: [0.1, 0.3, 0.4, 0.2, 0.1, 0.1], flops: 1) },
        hidden: { Tensor([0, 0], []) }))
    #expect(outcome.kept == [0, 1, 2, 5], "no audio is left")
    #expect(rule.leaving(ModalityCounts(modalities)) == .init(text: 2, video: 1, audio: 1))
  }
}
